"""Remote audiences: who else is told, and that the last word of a burst is not missed."""

from __future__ import annotations

from typing import Any

import pytest

from chatapp.gateway.delivery.remote_audiences import HEADS_SECONDS, RemoteAudiences
from chatapp.relay.peer_messages import Delivery, EncodedUpdate, Head, Heads
from chatapp.rooms.commands import Member
from tests.fakes.relay import FakeNetwork, FakeRelay
from tests.fakes.scheduler import FakeScheduler


class Net:
    def __init__(self) -> None:
        self.scheduler = FakeScheduler()
        self.network = FakeNetwork(self.scheduler)
        self.remote_audiences = RemoteAudiences(
            FakeRelay(self.network, self.scheduler), self.scheduler, lambda: "here"
        )

    def told(self, room_id: str, *updates: EncodedUpdate) -> list[tuple[str, Any]]:
        """The peer messages that this caused at once."""
        before = len(self.network.sent)
        if self.remote_audiences.has(room_id):
            self.remote_audiences.deliver(room_id, 3, updates)
        return self.network.sent[before:]


@pytest.fixture
def net() -> Net:
    return Net()


def event(seq: int | None) -> EncodedUpdate:
    return EncodedUpdate(seq=seq, socketio=b"x", plain=None)


def member(name: str, node_id: str) -> Member:
    return Member(user_id=name, name=name, device="d", connection_id=f"c {name}", node_id=node_id)


def test_each_node_with_members_gets_one_message(net: Net) -> None:
    for who in (member("ana", "a"), member("abe", "a"), member("bo", "b"), member("me", "here")):
        assert net.remote_audiences.enter("lobby", who) is (who.node_id != "here")

    delivery = Delivery(sender="here", room_id="lobby", epoch=3, updates=(event(7),))
    assert net.told("lobby", event(7)) == [("a", delivery), ("b", delivery)]
    assert net.told("attic", event(7)) == []


def test_a_node_is_told_nothing_more_when_its_last_member_has_left(net: Net) -> None:
    ana, abe = member("ana", "a"), member("abe", "a")
    for who in (ana, abe):
        net.remote_audiences.enter("lobby", who)

    net.remote_audiences.leave("lobby", ana)
    assert net.remote_audiences.has("lobby")
    net.remote_audiences.leave("lobby", abe)
    net.remote_audiences.leave("lobby", abe)
    assert not net.remote_audiences.has("lobby")


def test_a_room_that_wakes_tells_the_nodes_that_storage_names_until_they_say_who_is_there(net: Net) -> None:
    net.remote_audiences.open("lobby", ["a", "b"])
    net.remote_audiences.leave("lobby", member("ana", "a"))
    assert [to for to, _ in net.told("lobby", event(1))] == ["a", "b"]

    net.remote_audiences.set("lobby", "a", ())
    assert [to for to, _ in net.told("lobby", event(2))] == ["b"]
    net.remote_audiences.close("lobby")
    assert not net.remote_audiences.has("lobby")


def test_a_dead_node_is_forgotten_in_every_room(net: Net) -> None:
    net.remote_audiences.open("lobby", ["a", "b"])
    net.remote_audiences.open("attic", ["a"])

    net.remote_audiences.forget("a")

    assert not net.remote_audiences.has("attic")
    assert [to for to, _ in net.told("lobby", event(1))] == ["b"]


def test_shortly_after_a_burst_each_node_hears_the_heads_once(net: Net) -> None:
    net.remote_audiences.open("lobby", ["a"])
    net.remote_audiences.open("attic", ["a"])
    for seq in (1, 2, 3):
        net.told("lobby", event(seq))
    net.told("attic", event(9), event(None))
    net.network.sent.clear()

    net.scheduler.run_for(HEADS_SECONDS)

    heads = [Head(room_id="lobby", epoch=3, head=3), Head(room_id="attic", epoch=3, head=9)]
    assert net.network.sent == [("a", Heads(sender="here", heads=heads))]
    net.scheduler.run_for(10 * HEADS_SECONDS)
    assert len(net.network.sent) == 1


def test_signals_alone_are_followed_by_no_head(net: Net) -> None:
    net.remote_audiences.open("lobby", ["a"])
    net.told("lobby", event(None))
    net.network.sent.clear()

    net.scheduler.run_for(HEADS_SECONDS)

    assert net.network.sent == []


def test_a_wake_announces_its_head_to_the_others(net: Net) -> None:
    net.remote_audiences.open("lobby", ["a"])
    net.remote_audiences.announce("lobby", 4, 12)
    net.remote_audiences.announce("attic", 1, 0)

    heads = [Head(room_id="lobby", epoch=4, head=12)]
    assert net.network.sent == [("a", Heads(sender="here", heads=heads))]


def test_a_change_of_presence_is_followed_by_its_number_and_by_the_newest_head(net: Net) -> None:
    net.remote_audiences.open("lobby", ["a"])
    net.told("lobby", event(4))
    net.told("lobby", EncodedUpdate(seq=None, socketio=b"x", plain=None, presence=2))
    net.network.sent.clear()

    net.scheduler.run_for(HEADS_SECONDS)

    heads = [Head(room_id="lobby", epoch=3, head=4, presence=2)]
    assert net.network.sent == [("a", Heads(sender="here", heads=heads))]


def test_after_the_relay_was_away_everything_told_lately_is_told_again(net: Net) -> None:
    for room_id in ("lobby", "attic"):
        net.remote_audiences.open(room_id, ["a"])
    net.told("lobby", EncodedUpdate(seq=None, socketio=b"x", plain=None, presence=2))
    net.scheduler.run_for(HEADS_SECONDS)
    net.network.sent.clear()

    net.remote_audiences.tell_again()
    net.scheduler.run_for(HEADS_SECONDS)

    heads = [Head(room_id="lobby", epoch=3, head=0, presence=2)]
    assert net.network.sent == [("a", Heads(sender="here", heads=heads))]
