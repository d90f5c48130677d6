"""Shares: whoever is over them pays for it, and nobody else does."""

from __future__ import annotations

from chatapp.runtime.bounds.shares import Shares


class World:
    def __init__(self, *, each: int, total: int) -> None:
        self.gone: list[tuple[str, str]] = []
        self.shares: Shares[str] = Shares(each=each, total=total, evict=self._evict)

    def come(self, address: str | None, *names: str) -> None:
        for name in names:
            self.shares.add(address, name)

    def _evict(self, name: str, reason: str) -> None:
        self.gone.append((name, reason))
        for address in ("a", "b", "c", None):
            self.shares.remove(address, name)


def test_over_its_share_an_address_loses_its_own_oldest() -> None:
    world = World(each=2, total=10)
    world.come("b", "b1")

    world.come("a", "a1", "a2", "a3", "a4")

    assert world.gone == [("a1", "address"), ("a2", "address")]
    assert world.shares.everything() == ["b1", "a3", "a4"]


def test_over_the_count_of_all_the_largest_loses_and_a_stranger_gets_in() -> None:
    world = World(each=5, total=5)
    world.come("b", "b1")
    world.come("a", "a1", "a2", "a3", "a4")

    world.come("c", "c1")

    assert world.gone == [("a1", "node")]
    assert len(world.shares) == 5


def test_what_is_nobodys_counts_and_has_no_share() -> None:
    world = World(each=1, total=3)

    world.come(None, "p1", "p2", "p3", "p4")
    assert world.gone == []
    assert not world.shares.evict_one("descriptors")

    world.come("a", "a1")
    assert world.gone == [("a1", "node")]


def test_it_is_known_how_many_addresses_have_all_they_may() -> None:
    world = World(each=2, total=10)
    world.come("a", "a1", "a2")
    world.come("b", "b1")
    world.come(None, "p1", "p2", "p3")

    assert world.shares.addresses_at_their_share == 1
    world.shares.remove("a", "a1")
    assert world.shares.addresses_at_their_share == 0
