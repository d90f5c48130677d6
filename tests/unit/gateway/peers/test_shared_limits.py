"""Limits over nodes: told, not asked. A burst at many nodes is a debt, and nobody is counted twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from chatapp.errors import RateLimited, TooManyConnections
from chatapp.gateway.peers.shared_limits import TELL_SECONDS, SharedLimits
from chatapp.limits import CONNECTIONS_PER_IP
from chatapp.limits.rates import Rates
from tests.fakes.relay import FakeNetwork, FakeRelay
from tests.fakes.scheduler import FakeScheduler


class Place:
    """One node, as far as limits go."""

    def __init__(self, world: World, node_id: str, *, is_on: bool = True) -> None:
        self.node_id = node_id
        self.rates = Rates(world.scheduler.elapsed, is_on=is_on)
        self.relay = FakeRelay(world.network, world.scheduler)
        self.relay.listen(node_id)
        self.shared_limits = SharedLimits(self.rates, self.relay, world.scheduler, lambda: self.node_id)
        self.relay.on_peer_message = self.shared_limits.hear
        self.shared_limits.relay_changed(is_up=True)

    def say(self, user_id: str = "ana") -> bool:
        try:
            self.rates.check_message(user_id=user_id, ip="192.0.2.7", room_id="lobby")
        except RateLimited:
            return False
        return True

    def open(self, count: int = 1, user_id: str = "ana") -> int:
        """How many of so many connections were let in."""
        return sum(self._opens(user_id) for _ in range(count))

    def _opens(self, user_id: str) -> bool:
        try:
            self.rates.open_connection(user_id)
        except TooManyConnections:
            return False
        return True


class World:
    def __init__(self) -> None:
        self.scheduler = FakeScheduler()
        self.network = FakeNetwork(self.scheduler)

    def told(self) -> None:
        self.scheduler.run_for(2 * TELL_SECONDS)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def three(world: World) -> list[Place]:
    places = [Place(world, name) for name in ("a", "b", "c")]
    world.told()
    return places


def accepted(world: World, seconds: float, says: Iterator[Callable[[], bool]], per_second: float) -> int:
    count = 0
    for _ in range(round(seconds * per_second)):
        count += next(says)()
        world.scheduler.run_for(1 / per_second)
    return count


def in_turn(places: list[Place]) -> Iterator[Callable[[], bool]]:
    while True:
        for place in places:
            yield place.say


def test_twice_the_rate_for_a_minute_from_three_nodes_gives_the_rate_and_one_burst(
    world: World, three: list[Place]
) -> None:
    assert accepted(world, 60, in_turn(three), per_second=2) == pytest.approx(60 + 10, rel=0.1)


def test_a_burst_at_every_node_at_once_is_waited_off(world: World, three: list[Place]) -> None:
    at_once = sum(place.say() for place in three for _ in range(20))
    assert at_once == 30, "nobody was asked"
    world.told()

    assert accepted(world, 19, in_turn(three), per_second=30) == 0
    assert at_once + accepted(world, 41, in_turn(three), per_second=30) == pytest.approx(60 + 10, rel=0.1)


def test_what_one_person_uses_up_costs_nobody_else(world: World, three: list[Place]) -> None:
    for place in three:
        for _ in range(20):
            place.say("mallory")
    world.told()

    assert [three[1].say("ana") for _ in range(10)] == [True] * 10


def test_connections_are_counted_over_all_nodes_and_a_place_that_is_free_is_found(
    world: World, three: list[Place]
) -> None:
    a, b, c = three
    assert (a.open(4), b.open(4)) == (4, 4)
    world.told()
    assert c.open(5) == 2
    world.told()
    assert (a.open(), b.open(), c.open()) == (0, 0, 0)

    a.rates.close_connection("ana")
    world.told()
    assert b.open(3) == 1


def test_addresses_are_counted_over_all_nodes(world: World, three: list[Place]) -> None:
    a, b, _ = three
    for _ in range(CONNECTIONS_PER_IP - 200):
        a.rates.open_transport("192.0.2.7")
    world.told()
    for _ in range(200):
        b.rates.open_transport("192.0.2.7")
    with pytest.raises(TooManyConnections):
        b.rates.open_transport("192.0.2.7")


def test_a_node_that_comes_later_hears_who_is_there_already(world: World, three: list[Place]) -> None:
    three[0].open(9)
    world.told()

    late = Place(world, "d")
    world.told()

    assert late.open(5) == 1


def test_the_connections_of_a_dead_node_are_forgotten(world: World, three: list[Place]) -> None:
    a, b, _ = three
    a.open(10)
    world.told()
    assert b.open() == 0

    b.shared_limits.forget("a")

    assert b.open(10) == 10


def test_a_node_that_says_goodbye_is_not_counted_any_more(world: World, three: list[Place]) -> None:
    a, b, _ = three
    a.open(10)
    world.told()
    a.shared_limits.say_goodbye()
    world.told()
    assert b.open(10) == 10

    for _ in range(10):
        a.rates.close_connection("ana")  # they go one after the other, and it is told no more
    Place(world, "d")  # who asks everybody is not answered by it either
    world.told()
    assert b.rates.people.count("ana") == 10


def test_a_node_under_a_new_name_is_counted_once(world: World, three: list[Place]) -> None:
    a, b, _ = three
    a.open(4)
    world.told()

    a.node_id = "a2"
    a.relay.listen("a2")
    a.shared_limits.renamed()
    b.shared_limits.forget("a")
    world.told()

    assert b.rates.people.count("ana") == 4


def test_while_the_others_are_not_heard_half_as_much_passes(world: World, three: list[Place]) -> None:
    a = three[0]
    world.network.is_up = False
    a.shared_limits.relay_changed(is_up=False)

    assert sum(a.say() for _ in range(20)) == 5
    assert accepted(world, 20, in_turn([a]), per_second=5) == pytest.approx(10, abs=1)

    world.network.is_up = True
    a.shared_limits.relay_changed(is_up=True)
    world.scheduler.run_for(20)
    assert sum(a.say() for _ in range(20)) == 10


def test_counts_that_were_missed_are_told_when_the_relay_is_back(world: World, three: list[Place]) -> None:
    a, b, _ = three
    world.network.is_up = False
    a.open(6)
    world.told()
    assert b.rates.people.count("ana") == 0

    world.network.is_up = True
    for place in (a, b):
        place.shared_limits.relay_changed(is_up=True)
    world.told()

    assert b.rates.people.count("ana") == 6


def test_rates_that_only_another_version_knows_are_passed_over(three: list[Place]) -> None:
    three[0].rates.hear({"smoke-signal:user": {"ana": 3}, "message:user": {"ana": 4}})

    assert sum(three[0].say() for _ in range(20)) == 6


def test_with_limits_off_nothing_is_told(world: World) -> None:
    place = Place(world, "a", is_on=False)
    world.told()
    sent = len(world.network.sent)

    assert place.say()
    place.open(20)
    world.told()

    assert len(world.network.sent) == sent
