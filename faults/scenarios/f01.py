"""F1 and F2: the owner is killed under load, again and again.

Alone on its database it comes back by itself. With others about, they take its rooms: at once, because
its lock in the database proves its death, or after its lease where that proof is switched off.
"""

from __future__ import annotations

from functools import partial

from faults.crowd import Crowd
from faults.history import History
from faults.measuring import percentile, returns, silences
from faults.person import FEW_FILES
from faults.recorder import clock
from faults.scenario import CLUSTER, SQLITE, Limit, Outcome, Scenario, Stage

KILLS = {SQLITE: 6, CLUSTER: 20}
SLOW_KILLS = 4
BETWEEN_SECONDS = 4.0
TAKEOVER_SECONDS = 2.5
SLOW_SECONDS = 8.0  # longer than a lease


def run(stage: Stage, where: str) -> Outcome:
    if where == CLUSTER:
        return run_cluster(stage, where, kills=KILLS[where], pause_seconds=TAKEOVER_SECONDS, settings={})
    outcome, killed_at, starts = Outcome(), [], []
    with stage.chat(where) as chat, Crowd(chat.addresses, habits=FEW_FILES) as crowd:
        crowd.run(2)
        for _ in range(KILLS[where]):
            killed_at.append(clock())
            chat.node.kill()
            starts.append(chat.node.start())
            crowd.run(BETWEEN_SECONDS)
        history = crowd.settle(chat.database_url)
    silent = silences(history, crowd.rooms, killed_at)
    outcome.figures["start_max_seconds"] = max(starts)
    _measure(outcome, crowd, history, silent, killed_at)
    return outcome


def run_cluster(
    stage: Stage, where: str, *, kills: int, pause_seconds: float, settings: dict[str, str]
) -> Outcome:
    outcome, killed_at, silent = Outcome(), [], []
    with stage.chat(where, settings) as chat, Crowd(chat.addresses, habits=FEW_FILES) as crowd:
        crowd.run(3)
        strikes = []
        for number in range(kills):
            victim = chat.owner_of(crowd.rooms[number % len(crowd.rooms)])
            strikes.append((clock(), [room for room in chat.owned_by(victim) if room in crowd.rooms]))
            victim.kill()
            crowd.run(pause_seconds)
            victim.start()
            chat.identify(victim)
        history = crowd.settle(chat.database_url)
    for at, rooms in strikes:
        silent += silences(history, rooms, [at])
        killed_at.append(at)
    outcome.bites["rooms_taken_over"] = len(silent)
    _measure(outcome, crowd, history, silent, killed_at)
    return outcome


def _measure(
    outcome: Outcome, crowd: Crowd, history: History, silent: list[float], killed_at: list[float]
) -> None:
    outcome.check(history)
    back = returns(history, killed_at)
    outcome.figures |= {
        "silent_p50_seconds": percentile(silent, 0.5),
        "silent_max_seconds": max(silent),
        "back_p95_seconds": percentile(back, 0.95),
    }
    counts = history.counts()
    outcome.bites |= {
        "kills": len(killed_at),
        "resumes": counts["resumes"],
        "retries": counts["retries"],
        "files": len(history.bound),
    }


SCENARIO = Scenario(
    name="F1",
    title="kill -9 of the owner under load",
    criterion="alone: up in 2 s; several: a room silent p50 ≤ 0.5 s, max ≤ 2 s, clients back ≤ 3 s p95",
    run=run,
    places=(SQLITE, CLUSTER),
    limits=(
        Limit(figure="start_max_seconds", at_most=2.0, place=SQLITE),
        Limit(figure="silent_p50_seconds", at_most=0.5, place=CLUSTER),
        Limit(figure="silent_max_seconds", at_most=2.0, place=CLUSTER),
        Limit(figure="back_p95_seconds", at_most=3.0, place=CLUSTER),
    ),
)

SLOW = Scenario(
    name="F2",
    title="the same with fast detection off",
    criterion="≤ 6.5 s",
    run=partial(
        run_cluster,
        kills=SLOW_KILLS,
        pause_seconds=SLOW_SECONDS,
        settings={"CHAT_FAST_DETECTION": "off"},
    ),
    places=(CLUSTER,),
    limits=(Limit(figure="silent_max_seconds", at_most=6.5),),
)
