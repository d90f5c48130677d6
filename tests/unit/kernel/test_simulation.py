"""Whatever the interleaving and whatever fails, the invariants hold; and the checker can see.

``SIMULATION_SEEDS`` sets how many seeds are run, ``SIMULATION_SEED`` the first of them: a
failure names the seed that makes it happen again.
"""

from __future__ import annotations

import os
from collections import Counter

import pytest

from chatapp.kernel.peer_messages import Answered, Forward, Moved, OutOfStep
from tests.unit.kernel.checker import refusals
from tests.unit.kernel.simulation import Build, simulate

FIRST = int(os.environ.get("SIMULATION_SEED", "0"))
COUNT = int(os.environ.get("SIMULATION_SEEDS", "200"))
SLICES = 10

FAULTS_THAT_MUST_BITE = (
    "drop owner_moved",
    "drop stale",
    "drop in_doubt",
    "drop refused",
    "drop unavailable",
    "drop full",
    "drop read",
    "drop bug",
    "drop self_fence",
    "refusal owner_unavailable",
    "refusal draining",
    "refusal muted",
    "refusal internal",
    "duplicate ack",
    "takeover",
    "hibernation",
    "Forward",
    "Moved",
    "OutOfStep",
    "clock jump",
)


def bitten(seed: int) -> Counter[str]:
    """Run one seed and count what it was hit by; fails with the seed when a promise was broken."""
    simulation = simulate(seed)
    assert simulation.verdict == [], f"SIMULATION_SEED={seed} SIMULATION_SEEDS=1"
    counts = Counter(f"drop {reason}" for reason in simulation.drops)
    counts.update(f"refusal {code}" for code in refusals(simulation.history))
    posted = [sending.posted for sending in simulation.history.sendings]
    counts["duplicate ack"] += sum(1 for answer in posted if answer is not None and answer.is_duplicate)
    counts["takeover"] += sum(row.epoch - 1 for row in simulation.world.database.rooms.values())
    counts["hibernation"] += simulation.hibernations
    for _, peer_message in simulation.world.network.sent:
        kind = peer_message.answer if isinstance(peer_message, Answered) else peer_message
        if isinstance(kind, Forward | Moved | OutOfStep):
            counts[type(kind).__name__] += 1
    counts["clock jump"] += simulation.clock_jumps
    return counts


@pytest.mark.parametrize("part", range(SLICES))
def test_every_promise_holds_under_every_seed(part: int) -> None:
    for seed in range(FIRST + part, FIRST + COUNT, SLICES):
        bitten(seed)


def test_the_faults_of_the_simulation_bite() -> None:
    """A storm that hits nothing proves nothing."""
    counts = sum((bitten(seed) for seed in range(30)), Counter())

    assert [fault for fault in FAULTS_THAT_MUST_BITE if not counts[fault]] == []


@pytest.mark.parametrize(
    ("build", "broken"),
    [
        (Build(is_fenced=False), {"I7", "I8"}),
        (Build(answers_early=True), {"L2", "I1"}),
        (Build(dedupes=False), {"I2"}),
    ],
    ids=["no fence", "ack before commit", "no dedupe"],
)
def test_a_broken_build_turns_the_checker_red(build: Build, broken: set[str]) -> None:
    """In one of the first seeds, or in several of them together."""
    found: set[str] = set()
    for seed in range(60):
        found |= {violation.split()[0] for violation in simulate(seed, build).verdict}
        if broken <= found:
            return

    pytest.fail(f"of {broken} only {found & broken} was noticed")
