"""F1: the owner is killed under load, again and again."""

from __future__ import annotations

from faults.crowd import Crowd
from faults.measuring import percentile, returns, silences
from faults.recorder import clock
from faults.scenario import CLUSTER, SQLITE, Limit, Outcome, Scenario, Stage

KILLS = {SQLITE: 6, CLUSTER: 20}
BETWEEN_SECONDS = 4.0


def run(stage: Stage, where: str) -> Outcome:
    outcome, killed_at, starts = Outcome(), [], []
    with stage.chat(where) as chat, Crowd(chat.addresses) as crowd:
        crowd.run(2)
        for number in range(KILLS[where]):
            node = chat.nodes[number % len(chat.nodes)]
            killed_at.append(clock())
            node.kill()
            starts.append(node.start())
            crowd.run(BETWEEN_SECONDS)
        history = crowd.settle(chat.database_url)
    outcome.check(history)
    silent = silences(history, crowd.rooms, killed_at)
    names = [person.name for person in crowd.people]
    outcome.figures |= {
        "silent_p50_seconds": percentile(silent, 0.5),
        "silent_max_seconds": max(silent),
        "start_max_seconds": max(starts),
    }
    if where == SQLITE:
        outcome.figures["back_p95_seconds"] = percentile(returns(history, names, killed_at), 0.95)
    outcome.bites = {
        "kills": len(killed_at),
        "resumes": history.counts()["resumes"],
        "retries": history.counts()["retries"],
    }
    return outcome


SCENARIO = Scenario(
    name="F1",
    title="kill -9 of the owner under load",
    criterion="one node on SQLite: back in 2 s; several: a room silent p50 ≤ 0.5 s, max ≤ 2 s",
    run=run,
    places=(SQLITE, CLUSTER),
    limits=(Limit(figure="start_max_seconds", at_most=2.0),),
    catches={"ack_before_commit": SQLITE},
)
