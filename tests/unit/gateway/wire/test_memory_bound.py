"""What a node does at its memory bound, with memory and time faked."""

from __future__ import annotations

import pytest

from chatapp.gateway.wire.memory_bound import LOOK_SECONDS, TRIM_AGAIN_SECONDS, MemoryBound
from chatapp.limits.held import HeldBytes
from tests.fakes.scheduler import FakeScheduler


class Process:
    """``taken`` is its memory beside what is held for slow readers, which is freed when it is trimmed."""

    def __init__(self) -> None:
        self.scheduler, self.held = FakeScheduler(), HeldBytes()
        self.taken, self.freed = 500, 0
        self.trims = self.refusals = 0
        self.bound = MemoryBound(
            1000,
            held=self.held,
            scheduler=self.scheduler,
            resident=lambda: self.taken + self.held.total + self.freed,
            give_back=self.trim,
            on_refused=self.refuse,
        )
        self.bound.start()

    def hold(self, count: int) -> None:
        self.held.holder("a", lambda: self.free(count)).change(count)

    def free(self, count: int) -> None:
        self.freed += count

    def trim(self) -> None:
        self.trims += 1
        self.freed = 0

    def refuse(self) -> None:
        self.refusals += 1

    def look(self, times: int = 1) -> None:
        self.scheduler.run_for(times * LOOK_SECONDS)


@pytest.fixture
def process() -> Process:
    return Process()


def test_below_the_bound_nothing_is_cut_and_nobody_refused(process: Process) -> None:
    process.hold(499)
    process.look(3)

    assert process.held.total == 499
    assert process.trims == 0
    assert not process.bound.refuses()


def test_at_the_bound_what_is_held_goes_first_and_nobody_is_refused_if_that_is_enough(
    process: Process,
) -> None:
    process.hold(500)
    for _ in range(20):
        process.scheduler.run_for(LOOK_SECONDS / 10)
        assert not process.bound.refuses(), "not even while it is being freed"

    assert process.held.total == 0
    assert process.trims == 1
    assert not process.bound.refuses()
    assert process.refusals == 0


def test_where_that_is_not_enough_new_connections_are_refused_until_a_tenth_is_free(
    process: Process,
) -> None:
    process.taken = 1000
    process.look(2)
    assert process.bound.refuses()
    assert process.refusals == 1

    process.taken = 950
    process.look(2)
    assert process.bound.refuses(), "a process that hovers about its bound keeps its door closed"

    process.taken = 899
    process.look(2)
    assert not process.bound.refuses()
    assert process.refusals == 2

    process.taken = 950
    process.look(2)
    assert not process.bound.refuses()


def test_nobody_is_cut_again_and_again_for_bytes_that_do_not_help(process: Process) -> None:
    process.taken = 2000
    process.look(2)
    process.hold(200)
    process.look(5)
    assert process.held.total == 200, "its connection goes on"

    process.taken = 700
    process.hold(200)
    process.look(1)
    assert process.held.total == 0


def test_a_process_that_stays_over_its_bound_is_not_trimmed_every_second(process: Process) -> None:
    process.taken = 2000
    process.look(int(TRIM_AGAIN_SECONDS))
    assert process.trims == 1

    process.look(int(TRIM_AGAIN_SECONDS))
    assert process.trims == 2


@pytest.mark.parametrize(("max_bytes", "resident"), [(0, 10**12), (1000, None)])
def test_without_a_bound_or_without_knowing_the_memory_nobody_is_refused(
    max_bytes: int, resident: int | None
) -> None:
    scheduler = FakeScheduler()
    bound = MemoryBound(
        max_bytes,
        held=HeldBytes(),
        scheduler=scheduler,
        resident=lambda: resident,
        give_back=lambda: None,
    )
    bound.start()
    scheduler.run_for(3)

    assert not bound.refuses()
