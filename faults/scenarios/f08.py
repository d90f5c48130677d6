"""F8: every node is restarted, one after the other, as for an upgrade, under load."""

from __future__ import annotations

from faults.crowd import Crowd
from faults.history import Answered
from faults.measuring import longest_silence
from faults.person import FEW_FILES
from faults.recorder import clock
from faults.scenario import CLUSTER, Limit, Outcome, Scenario, Stage

BETWEEN_SECONDS = 5.0
# What a start takes on a machine that does nothing else, as F1 has it. On a slower one the silence of a
# hand-over may be longer by as much; a send may not be refused on any.
QUIET_START_SECONDS = 2.0


def run(stage: Stage, where: str) -> Outcome:
    outcome, exits, starts = Outcome(), [], []
    with stage.chat(where) as chat, Crowd(chat.addresses, habits=FEW_FILES) as crowd:
        crowd.run(3)
        began_at = clock()
        for node in chat.nodes:
            exits.append(node.stop())
            starts.append(node.start())
            chat.identify(node)
            crowd.run(BETWEEN_SECONDS)
        ended_at = clock()
        history = crowd.settle(chat.database_url)
    outcome.check(history)
    silent = longest_silence(history, crowd.rooms, began_at, ended_at)
    outcome.figures |= {
        "silent_max_seconds": silent,
        "start_max_seconds": max(starts),
        "silent_max_on_a_quiet_machine": silent / max(1.0, max(starts) / QUIET_START_SECONDS),
        "exit_max_seconds": max(exits),
        "failed_sends": sum(
            answer.code is not None and not answer.is_retryable for answer in history.of(Answered)
        ),
    }
    outcome.bites = {
        "restarts": len(exits),
        "resumes": history.counts()["resumes"],
        "files": len(history.bound),
    }
    return outcome


SCENARIO = Scenario(
    name="F8",
    title="rolling restart under load",
    criterion="no failed send, each room silent ≤ 1 s (longer on a slow machine), each exit ≤ 10 s",
    run=run,
    places=(CLUSTER,),
    limits=(
        Limit(figure="silent_max_on_a_quiet_machine", at_most=1.0),
        Limit(figure="exit_max_seconds", at_most=10.0),
        Limit(figure="failed_sends", at_most=0),
    ),
)
