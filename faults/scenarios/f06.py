"""F6: something happens at each failpoint, under load.

A crash is followed by a restart; a stop is ended from outside; what sleeps, fails or loses its
connection goes on by itself. However it was, nobody may notice more than a moment's silence.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import product

from faults.crowd import Crowd
from faults.failpoints import HUB, JOURNAL, LEASES, SLEEP_SECONDS
from faults.probe import Probe
from faults.processes import Node, until
from faults.recorder import clock
from faults.scenario import POSTGRESQL, SQLITE, Outcome, Scenario, Stage

POINTS = (*JOURNAL, *HUB, *LEASES)
BITE_SECONDS = 20.0
PAUSE_SECONDS = 3.0
SLEEPY_POINTS = ("in_acquire", "in_release")
ENDS = (*JOURNAL, *HUB)  # where a crash is followed by the repetition of one request
# So that rooms in which nobody speaks fall asleep, and wake again.
SLEEPY = {"CHAT_ROOM_IDLE_SECONDS": "1", "CHAT_PRESENCE_GRACE_SECONDS": "1"}
OTHERS = {SQLITE: ("stop", "sleep", "raise"), POSTGRESQL: ("stop", "sleep", "raise", "drop")}


def run(stage: Stage, where: str) -> Outcome:
    outcome, silent = Outcome(), []
    with stage.chat(where, SLEEPY) as chat:
        outcome.bites["duplicates_after_commit"] = _repeat_after_crashes(chat.node, outcome)
        with Crowd(chat.addresses) as crowd:
            node = chat.node
            crowd.run(1)
            for action, point in product(("exit", *OTHERS[where]), POINTS):
                if not _makes_sense(point, action):
                    continue
                silent.append(_strike(node, crowd, point, action))
                outcome.bites[action] = outcome.bites.get(action, 0) + 1
            history = crowd.settle(chat.database_url)
        outcome.check(history)
    counts = history.counts()
    outcome.figures["failpoints_hit"] = sum(outcome.bites.values()) - outcome.bites["duplicates_after_commit"]
    outcome.figures["silent_after_max_seconds"] = max(silent)
    outcome.bites["retries"] = counts["retries"]
    return outcome


def _makes_sense(point: str, action: str) -> bool:
    """A hub has no database connection to lose; rooms that must first fall asleep take their time."""
    if action == "drop":
        return point not in HUB
    return point not in SLEEPY_POINTS or action in ("exit", "raise")


def _repeat_after_crashes(node: Node, outcome: Outcome) -> int:
    """Somebody's request dies with the node, and is repeated after it. How often it was known by then."""
    probe, known = Probe(node.url), 0
    stream = probe.write()["seq"]
    for point in ENDS:
        node.arm(point, "exit")
        with suppress(ConnectionError):  # after the ack it may be answered, and is asked again all the same
            probe.write(point)
        node.wait()
        node.start()
        acks = [probe.write(point), probe.write(point)]
        stream += 1
        is_stored = point in ("after_commit", *HUB)
        told = [(ack["seq"], ack["duplicate"]) for ack in acks]
        outcome.expect(told == [(stream, is_stored), (stream, True)], f"repeated after {point}: {told}")
        known += is_stored
    return known


def _strike(node: Node, crowd: Crowd, point: str, action: str) -> float:
    """How long until every room could be written again."""
    node.arm(point, action)
    if point in SLEEPY_POINTS:
        # Rooms sleep and wake only when nobody speaks for a while.
        crowd.hush()
        crowd.run(PAUSE_SECONDS)
        crowd.go_on()
    until(lambda: node.has_bitten(point), BITE_SECONDS, f"{point}, armed with {action}")
    match action:
        case "exit":
            node.wait()
            node.start()
        case "stop":
            frozen_at = clock()
            crowd.run(1)
            node.thaw()
            crowd.history.freezes.append((frozen_at, clock()))
        case "sleep":
            crowd.run(SLEEP_SECONDS)
    return crowd.breathe()


SCENARIO = Scenario(
    name="F6",
    title="a crash, a stop, a sleep, an error, a lost connection at each failpoint",
    criterion="after_commit: every retry is answered duplicate with the same seq",
    run=run,
    places=(SQLITE, POSTGRESQL),
)
