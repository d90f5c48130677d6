"""Whatever the interleaving and whatever fails: a message is to everybody what it is in the log.

``SIMULATION_SEEDS`` sets how many seeds are run, ``SIMULATION_SEED`` the first of them: a
failure names the seed that makes it happen again.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import pytest

from chatapp.errors import ChatError
from chatapp.rooms.changing import Changed, Changing
from chatapp.rooms.messages.aspect import Messages, Posted
from chatapp.rooms.room import Room
from tests.unit.rooms.screen import Screen
from tests.unit.simulated.simulation import Build, RoomSimulation, simulate

FIRST = int(os.environ.get("SIMULATION_SEED", "0"))
COUNT = int(os.environ.get("SIMULATION_SEEDS", "200"))
SLICES = 10

WHAT_MUST_HAPPEN = (
    "drop owner_moved",
    "drop stale",
    "drop in_doubt",
    "drop unavailable",
    "drop full",
    "drop read",
    "drop self_fence",
    "answer target_gone",
    "answer storage_unavailable",
    "answer owner_unavailable",
    "duplicate Posted",
    "duplicate Changed",
    "stored message",
    "stored edit",
    "stored delete",
    "stored react",
    "a reply",
    "a message with a file",
    "takeover",
    "hibernation",
    "clock jump",
)


def happened(seed: int) -> Counter[str]:
    """Run one seed and count what there was; fails with the seed when a promise was broken."""
    simulation, verdict = simulate(seed)
    assert verdict == [], f"SIMULATION_SEED={seed} SIMULATION_SEEDS=1"
    counts = Counter(f"drop {reason}" for reason in simulation.drops)
    for _, answer in simulation.watched.answers:
        if isinstance(answer, ChatError):
            counts[f"answer {answer.code}"] += 1
        elif isinstance(answer, Posted | Changed) and answer.is_duplicate:
            counts[f"duplicate {type(answer).__name__}"] += 1
    counts.update(_of_the_log(simulation))
    counts["hibernation"] += simulation.hibernations
    counts["clock jump"] += simulation.clock_jumps
    return counts


def _of_the_log(simulation: RoomSimulation) -> Counter[str]:
    log = simulation.log
    counts = Counter(f"stored {event.type}" for event in log)
    counts["a reply"] += sum(event.type == "message" and event.target > 0 for event in log)
    counts["a message with a file"] += len(simulation.storage.bound)
    counts["takeover"] += simulation.world.row().epoch - 1
    return counts


@pytest.mark.parametrize("part", range(SLICES))
def test_every_promise_holds_under_every_seed(part: int) -> None:
    for seed in range(FIRST + part, FIRST + COUNT, SLICES):
        happened(seed)


def test_everything_happens_in_the_simulation() -> None:
    """A storm that hits nothing proves nothing."""
    counts = sum((happened(seed) for seed in range(40)), Counter())

    assert [each for each in WHAT_MUST_HAPPEN if not counts[each]] == []


Row = tuple[int, dict[str, Any]]


class ScreenWithoutRev(Screen):
    """A client that applies each change that it hears, whatever its row knows already."""

    def hear(self, event: Any) -> None:
        before = self.rows
        self.rows = {seq: (0, {**body, "edited_seq": 0}) for seq, (_, body) in before.items()}
        super().hear(event)
        for seq, (rev, body) in self.rows.items():
            self.rows[seq] = _as_new_as(before.get(seq, (rev, body)), rev, body)


def _as_new_as(before: Row, rev: int, body: dict[str, Any]) -> Row:
    """Only what it shows counts: what it knows of how new that is would differ by itself."""
    if body.get("edited_seq") == 0:
        was = {"edited_seq": before[1].get("edited_seq")}
        body = {name: value for name, value in (body | was).items() if value is not None}
    return max(rev, before[0]), body


def room_that_judges_targets_first(*given: Any) -> Room:
    """A repeated deletion finds what it was of deleted."""
    room = Room(*given)
    for aspect in room.aspects:
        if isinstance(aspect, Changing):
            aspect._known = lambda command: None  # type: ignore[method-assign]
    return room


def room_whose_memory_stays_as_it_was(*given: Any) -> Room:
    """What it remembers does not follow what becomes of a message."""
    room = Room(*given)
    for aspect in room.aspects:
        if isinstance(aspect, Messages):
            aspect.tail.follow = lambda target: None  # type: ignore[method-assign]
    return room


@pytest.mark.parametrize(
    ("build", "broken"),
    [
        (Build(make_screen=ScreenWithoutRev), {"I15"}),
        (Build(make_room=room_that_judges_targets_first), {"I17"}),
        (Build(make_room=room_whose_memory_stays_as_it_was), {"I15", "I16"}),
    ],
    ids=["changes without rev", "a repetition judged after its target", "a memory that stays"],
)
def test_a_broken_build_turns_the_checker_red(build: Build, broken: set[str]) -> None:
    """In one of the first seeds, or in several of them together."""
    found: set[str] = set()
    for seed in range(100):
        found |= {violation.split()[0] for violation in simulate(seed, build)[1]}
        if broken <= found:
            return

    pytest.fail(f"of {broken} only {found & broken} was noticed")
