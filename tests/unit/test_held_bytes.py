"""Who is cut when too much waits for those who do not read."""

from __future__ import annotations

import pytest

from chatapp.limits.held import HeldBytes, Holder, Reason


class Reader:
    """A connection; what it held is given back when it is cut, at once or a moment later."""

    def __init__(self, held: HeldBytes, address: str, *, is_slow: bool = False) -> None:
        self.is_cut = False
        self._is_slow = is_slow
        self.part: Holder = held.holder(address, self.end)

    def end(self) -> None:
        self.is_cut = True
        if not self._is_slow:
            self.give_back()

    def give_back(self) -> None:
        self.part.change(-self.part.bytes)


@pytest.fixture
def reasons() -> list[Reason]:
    return []


@pytest.fixture
def held(reasons: list[Reason]) -> HeldBytes:
    return HeldBytes(per_address=800, per_node=1600, on_cut=reasons.append)


def test_an_address_over_its_budget_loses_its_largest_until_an_eighth_is_free(
    held: HeldBytes, reasons: list[Reason]
) -> None:
    readers = [Reader(held, "a") for _ in range(4)]
    neighbour = Reader(held, "b")
    neighbour.part.change(799)
    for reader, count in zip(readers, (100, 300, 200, 200), strict=True):
        reader.part.change(count)
    assert reasons == []

    readers[0].part.change(1)

    assert [reader.is_cut for reader in readers] == [False, True, False, False]
    assert reasons == ["address"]
    assert not neighbour.is_cut
    assert held.total == 799 + 101 + 200 + 200


def test_a_node_over_its_budget_loses_its_largest_whoever_they_are(
    held: HeldBytes, reasons: list[Reason]
) -> None:
    readers = [Reader(held, f"address {number}") for number in range(4)]
    for reader, count in zip(readers, (500, 300, 700, 100), strict=True):
        reader.part.change(count)
    assert reasons == []

    readers[3].part.change(1)

    assert [reader.is_cut for reader in readers] == [False, False, True, False]
    assert reasons == ["node"]


def test_a_cut_goes_on_until_an_eighth_is_free_and_no_further(held: HeldBytes, reasons: list[Reason]) -> None:
    """Or else each further byte would bring another cut."""
    crowd = [Reader(held, "a") for _ in range(20)]
    for reader in crowd:
        reader.part.change(40)
    crowd[0].part.change(1)
    assert (held.total, reasons) == (800 - 3 * 40, ["address"] * 3)

    strangers = [Reader(held, f"address {number}") for number in range(23)]
    for reader in strangers:
        reader.part.change(40)
    strangers[0].part.change(1)

    assert (held.total, reasons[3:]) == (1600 - 5 * 40, ["node"] * 5)


def test_who_is_over_the_budget_alone_is_cut_by_what_it_just_added(
    held: HeldBytes, reasons: list[Reason]
) -> None:
    reader = Reader(held, "a")

    reader.part.change(801)

    assert reader.is_cut
    assert held.total == 0
    assert reasons == ["address"]


def test_what_was_taken_counts_no_more_and_nobody_is_remembered(
    held: HeldBytes, reasons: list[Reason]
) -> None:
    reader = Reader(held, "a")
    for _ in range(10):
        reader.part.change(700)
        reader.part.change(-300)
        reader.part.change(-400)

    assert reasons == []
    assert held.total == 0
    assert not held._holders
    assert not held._sums


def test_when_memory_runs_out_everybody_who_holds_something_ends(
    held: HeldBytes, reasons: list[Reason]
) -> None:
    readers = [Reader(held, "a"), Reader(held, "b"), Reader(held, "b")]
    for reader, count in zip(readers, (10, 20, 0), strict=True):
        reader.part.change(count)

    held.cut_all("memory")

    assert [reader.is_cut for reader in readers] == [True, True, False]
    assert reasons == ["memory", "memory"]


def test_one_whose_end_takes_a_moment_does_not_drag_the_others_along(held: HeldBytes) -> None:
    slow, other = Reader(held, "a", is_slow=True), Reader(held, "a")
    other.part.change(200)

    slow.part.change(700)
    slow.give_back()
    slow.part.change(50)

    assert (slow.is_cut, other.is_cut) == (True, False)
    assert held.total == 200
