"""F5: the owner is stopped inside a transaction, with the row of its room locked."""

from __future__ import annotations

from faults.crowd import Crowd
from faults.measuring import silences
from faults.processes import until
from faults.recorder import clock
from faults.scenario import CLUSTER, Limit, Outcome, Scenario, Stage

STOPS, FROZEN_SECONDS = 2, 12.0


def run(stage: Stage, where: str) -> Outcome:
    outcome, strikes = Outcome(), []
    with stage.chat(where) as chat, Crowd(chat.addresses) as crowd:
        crowd.run(2)
        for number in range(STOPS):
            victim = chat.owner_of(crowd.rooms[number])
            rooms = [room for room in chat.owned_by(victim) if room in crowd.rooms]
            victim.arm("after_fence", "stop")
            until(lambda one=victim: one.has_bitten("after_fence"), 10, "a stop inside a transaction")  # type: ignore[misc]
            strikes.append((clock(), rooms))
            crowd.run(FROZEN_SECONDS)
            victim.thaw()
            crowd.history.freezes.append((strikes[-1][0], clock()))
            crowd.run(3)
            chat.identify(victim)
            crowd.breathe()
        history = crowd.settle(chat.database_url)
    outcome.check(history)
    silent = [seconds for at, rooms in strikes for seconds in silences(history, rooms, [at])]
    outcome.figures["takeover_max_seconds"] = max(silent)
    outcome.bites = {"stops": len(strikes), "rooms_taken_over": len(silent)}
    return outcome


SCENARIO = Scenario(
    name="F5",
    title="SIGSTOP inside a transaction",
    criterion="takeover ≤ 7.5 s",
    run=run,
    places=(CLUSTER,),
    limits=(Limit(figure="takeover_max_seconds", at_most=7.5),),
)
