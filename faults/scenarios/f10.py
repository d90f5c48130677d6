"""F10: PostgreSQL is stopped hard under load, and comes back."""

from __future__ import annotations

from faults.crowd import Crowd
from faults.measuring import acks_between, percentile, refusal_seconds, refusals_between
from faults.probe import Probe
from faults.recorder import clock
from faults.scenario import POSTGRESQL, Limit, Outcome, Scenario, Stage

DOWN_SECONDS = 10.0
MB = 1_000_000


def run(stage: Stage, where: str) -> Outcome:
    outcome = Outcome()
    with stage.chat(where) as chat, Crowd(chat.addresses) as crowd:
        assert chat.postgresql is not None
        crowd.run(3)
        probe = Probe(chat.node.url)
        memory = chat.node.resident_bytes
        chat.postgresql.stop_hard()
        stopped_at = clock()
        crowd.run(DOWN_SECONDS)
        started_at = clock()
        grown = chat.node.resident_bytes - memory
        chat.postgresql.start()
        back_at = clock()
        working = probe.seconds_until_writable()
        crowd.breathe()
        crowd.run(3)
        history = crowd.settle(chat.database_url)
    outcome.check(history)
    refusals = refusals_between(history, stopped_at, started_at)
    outcome.figures |= {
        "acks_meanwhile": acks_between(history, stopped_at, started_at),
        "refused_after_p95_seconds": percentile(refusal_seconds(history, stopped_at, started_at), 0.95),
        "working_after_seconds": working,
        "memory_grown_mb": grown / MB,
        "down_seconds": back_at - stopped_at,
    }
    outcome.expect(all(each.is_retryable for each in refusals), "something was refused for good")
    outcome.bites = {"refusals": len(refusals), "retries": history.counts()["retries"]}
    return outcome


SCENARIO = Scenario(
    name="F10",
    title="PostgreSQL stopped hard for 10 s",
    criterion="no ack in between, retryable at once, working ≤ 5 s after it is back, memory flat",
    run=run,
    places=(POSTGRESQL,),
    limits=(
        Limit(figure="acks_meanwhile", at_most=0),
        Limit(figure="refused_after_p95_seconds", at_most=1.0),
        Limit(figure="working_after_seconds", at_most=5.0),
        Limit(figure="memory_grown_mb", at_most=20),
    ),
)
