"""F3 and F4: the owner is stopped (SIGSTOP) for less than its lease, or for much more.

For less, nobody may take its rooms. For more, others must; and when it goes on, it may not commit
anything for the rooms it has lost, and must be there again under a new id.
"""

from __future__ import annotations

from functools import partial

from faults.crowd import Crowd
from faults.measuring import silences
from faults.processes import until
from faults.recorder import clock
from faults.scenario import CLUSTER, SQLITE, Limit, Outcome, Scenario, Stage

SHORT_SECONDS, LONG_SECONDS = 2.0, 15.0
SHORT, LONG = {SQLITE: 5, CLUSTER: 20}, {SQLITE: 1, CLUSTER: 5}
ANEW_SECONDS = 10.0


def run(stage: Stage, where: str, *, seconds: float, times: dict[str, int]) -> Outcome:
    outcome, silent, anew = Outcome(), [], []
    is_long = seconds > SHORT_SECONDS
    with stage.chat(where) as chat, Crowd(chat.addresses) as crowd:
        if where == SQLITE:
            chat.identify(chat.node)
        crowd.run(2)
        ids = chat.live_ids()
        strikes = []
        for number in range(times[where]):
            victim = chat.owner_of(crowd.rooms[number % len(crowd.rooms)])
            rooms = [room for room in chat.owned_by(victim) if room in crowd.rooms]
            strikes.append((clock(), rooms))
            victim.freeze()
            crowd.run(seconds)
            victim.thaw()
            crowd.history.freezes.append((strikes[-1][0], clock()))
            if is_long and where == CLUSTER:
                anew.append(_seconds_until(lambda old=victim.node_id: old not in chat.live_ids()))
                chat.identify(victim)
            crowd.breathe()
        history = crowd.settle(chat.database_url)
        fenced = chat.drops("stale") + chat.drops("owner_moved")
        takeovers = len(chat.live_ids() - ids)
    outcome.check(history)
    for at, rooms in strikes:
        silent += silences(history, rooms, [at])
    outcome.figures |= {"silent_max_seconds": max(silent), "takeovers": takeovers}
    outcome.bites["stops"] = len(strikes)
    if anew:
        outcome.figures["registered_anew_max_seconds"] = max(anew)
        outcome.bites["dropped_by_the_old_owner"] = fenced
    return outcome


def _seconds_until(is_so: object) -> float:
    began_at = clock()
    assert callable(is_so)
    until(is_so, ANEW_SECONDS, "a node to be registered anew")
    return clock() - began_at


SCENARIO = Scenario(
    name="F3",
    title="SIGSTOP of the owner for 2 s",
    criterion="no takeover, stall ≤ 2.5 s",
    run=partial(run, seconds=SHORT_SECONDS, times=SHORT),
    places=(SQLITE, CLUSTER),
    limits=(Limit(figure="silent_max_seconds", at_most=2.5), Limit(figure="takeovers", at_most=0)),
)

LONG_STOP = Scenario(
    name="F4",
    title="SIGSTOP of the owner for 15 s",
    criterion="takeover ≤ 6.5 s; afterwards the old one commits nothing and is registered anew ≤ 2 s",
    run=partial(run, seconds=LONG_SECONDS, times=LONG),
    places=(SQLITE, CLUSTER),
    limits=(
        Limit(figure="silent_max_seconds", at_most=6.5, place=CLUSTER),
        Limit(figure="registered_anew_max_seconds", at_most=2.0, place=CLUSTER),
    ),
)
