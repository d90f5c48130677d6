"""The audience over the real Socket.IO server (its test client) and real plain sockets."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from eventlet import wsgi
from eventlet.green import socket
from flask import Flask
from flask_socketio import Namespace, SocketIOTestClient

from chatapp.errors import ChatError
from chatapp.gateway.delivery.audience import Audience
from chatapp.gateway.delivery.connections import Connection, Connections
from chatapp.gateway.delivery.encoded_updates import encode_update
from chatapp.gateway.delivery.recipients import PlainRecipient, SocketIoRecipient
from chatapp.gateway.wire.engine import Engine
from chatapp.gateway.wire.packet_dispatch import Ack
from chatapp.gateway.wire.plain import PlainSocket
from chatapp.limits.held import HeldBytes
from chatapp.limits.rates import Rates
from chatapp.relay.peer_messages import Delivery, Head, Heads
from chatapp.rooms.attendance.people import Person, PersonJoined
from chatapp.rooms.attendance.typists import TypingChanged
from chatapp.rooms.commands import Member
from chatapp.rooms.events import RoomEvent
from chatapp.rooms.reading import ReadMoved
from chatapp.runtime import HubScheduler, boottime, sleep

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ANA = Person(id="u_ana", name="Ana")
TYPING = TypingChanged(people=[ANA], ttl_ms=6_000)


class Meeting:
    """One node's connections, and whoever comes in over the one dialect or the other."""

    def __init__(self) -> None:
        self.scheduler = HubScheduler()
        self.app = Flask(__name__)
        self.engine = Engine(
            self.app,
            namespace="/chat",
            allowed_origins=(),
            scheduler=self.scheduler,
            rates=Rates(self.scheduler.elapsed),
            held=HeldBytes(),
            address_of=lambda environ: str(environ.get("REMOTE_ADDR")),
        )
        self.engine.install(self)
        self.engine.socketio.on_namespace(Namespace("/chat"))
        self.connections = Connections()
        self.delivered: list[int] = []
        self.audience = Audience(
            listeners=self.engine.listeners,
            namespace="/chat",
            connections=self.connections,
            scheduler=self.scheduler,
            on_delivered=self.delivered.append,
        )
        self.sids: list[tuple[str, str]] = []
        self.ends: list[Any] = []

    def visitor(self, user_id: str = "u_ana") -> tuple[SocketIOTestClient, Member]:
        client = self.engine.socketio.test_client(self.app, namespace="/chat")
        client.emit("hello", namespace="/chat")
        eio_sid, sid = self.sids[-1]
        return client, self._member(user_id, SocketIoRecipient(self.engine, eio_sid=eio_sid, sid=sid))

    def plain(self, user_id: str = "u_ben") -> tuple[Any, Member]:
        ours, theirs = socket.socketpair()
        request = wsgi.Input(io.BytesIO(), 0, ours)  # read whole, with nothing behind it
        environ = {"eventlet.input": request, "HTTP_SEC_WEBSOCKET_KEY": KEY}
        recipient = PlainRecipient(PlainSocket(environ, self.scheduler))
        assert theirs.recv(1_000).endswith(b"\r\n\r\n")
        self.ends += [request.rfile, ours, theirs]
        return theirs, self._member(user_id, recipient)

    def _member(self, user_id: str, recipient: SocketIoRecipient | PlainRecipient) -> Member:
        connection = Connection(user_id=user_id, name=user_id, device="d", address="::1", recipient=recipient)
        self.connections.add(connection)
        return connection.member("n_1")

    def check(self, eio_sid: str) -> None:
        """Everything is allowed."""

    def handle(self, eio_sid: str, sid: str, name: object, args: list[Any], ack: Ack | None) -> None:
        self.sids.append((eio_sid, sid))

    def refuse(self, eio_sid: str, error: ChatError, ack: Ack | None) -> None:
        raise error

    def on_caught_up(self, eio_sid: str) -> None:
        """Nobody lags here."""


@pytest.fixture
def meeting() -> Iterator[Meeting]:
    meeting = Meeting()
    yield meeting
    for end in meeting.ends:
        end.close()


def message(seq: int) -> RoomEvent:
    return RoomEvent(
        room_id="lobby",
        seq=seq,
        type="message",
        id=f"e{seq}",
        ts=1_000 + seq,
        user_id="u_ana",
        user_name="Ana",
        client_id=f"c{seq}",
        body=b'{"content":"hi"}',
    )


def names(client: SocketIOTestClient) -> list[str]:
    return [event["name"] for event in client.get_received("/chat")]


def seqs(client: SocketIOTestClient) -> list[int]:
    return [event["args"][0]["seq"] for event in client.get_received("/chat")]


def frames_in(received: bytes) -> list[dict[str, Any]]:
    """Short text frames of a server, decoded."""
    decoded = []
    while received:
        assert received[0] == 0x81
        length, at = (received[1], 2) if received[1] < 126 else (int.from_bytes(received[2:4], "big"), 4)
        decoded.append(json.loads(received[at : at + length]))
        received = received[at + length :]
    return decoded


def test_both_dialects_hear_one_commit_each_in_one_piece(meeting: Meeting) -> None:
    client, ana = meeting.visitor()
    peer, ben = meeting.plain()
    meeting.audience.enter("lobby", ana, 0)
    meeting.audience.enter("lobby", ben, 0)

    meeting.audience.deliver("lobby", 1, [message(1), TYPING, message(2)])

    assert [event["name"] for event in client.queue] == ["event", "typing", "event"]
    assert client.queue[0]["args"][0]["body"] == {"content": "hi"}
    assert [frame["id"] for frame in frames_in(peer.recv(10_000))] == ["e1", "e2"]


def test_the_audience_of_a_room_is_the_socket_io_room_of_its_name(meeting: Meeting) -> None:
    client, ana = meeting.visitor()
    meeting.audience.enter("lobby", ana, 0)

    meeting.engine.socketio.emit("notice", {}, to="lobby", namespace="/chat")

    assert names(client) == ["notice"]


def test_what_only_one_dialect_knows_reaches_only_that(meeting: Meeting) -> None:
    client, ana = meeting.visitor()
    peer, ben = meeting.plain()
    meeting.audience.enter("lobby", ana, 0)
    meeting.audience.enter("lobby", ben, 0)

    meeting.audience.deliver("lobby", 1, [TYPING, PersonJoined(id="j1", ts=1, person=ANA)])

    assert names(client) == ["typing"]
    assert [frame["type"] for frame in frames_in(peer.recv(10_000))] == ["join"]


def test_a_read_cursor_is_told_to_that_persons_connections_alone(meeting: Meeting) -> None:
    phone, ana_phone = meeting.visitor("u_ana")
    laptop, ana_laptop = meeting.visitor("u_ana")
    other, ben = meeting.visitor("u_ben")
    for member in (ana_phone, ana_laptop, ben):
        meeting.audience.enter("lobby", member, 0)

    meeting.audience.deliver("lobby", 1, [ReadMoved(user_id="u_ana", seq=7)])

    assert [names(phone), names(laptop), names(other)] == [["read"], ["read"], []]


def test_nobody_gets_an_event_twice_or_one_from_before_they_entered(meeting: Meeting) -> None:
    client, ana = meeting.visitor()
    meeting.audience.enter("lobby", ana, 3)

    meeting.audience.deliver("lobby", 1, [message(3), message(4)])
    meeting.audience.deliver("lobby", 1, [message(4), message(5)])

    assert seqs(client) == [4, 5]
    assert meeting.audience.head("lobby") == 5


def test_a_replaced_owner_is_not_heard_except_for_what_is_stored(meeting: Meeting) -> None:
    client, ana = meeting.visitor()
    meeting.audience.enter("lobby", ana, 0)
    meeting.audience.deliver("lobby", 5, [TYPING])

    meeting.audience.deliver("lobby", 4, [TYPING, message(1)])
    meeting.audience.announce("lobby", 4, 9)

    assert names(client) == ["typing", "event"]


# --- gaps -------------------------------------------------------------------------------------


class Log:
    """A log of so many events, read when the test says so."""

    def __init__(self, meeting: Meeting, head: int) -> None:
        self.head = head
        self.reads: list[tuple[int, Callable[[], None]]] = []
        self.fails = False
        meeting.audience.gaps.read_log = self.read

    def read(self, room_id: str, *, after: int, limit: int, done: Callable[[Any], None]) -> None:
        def answer() -> None:
            last = min(self.head, after + limit)
            done(ChatError() if self.fails else [message(seq) for seq in range(after + 1, last + 1)])

        self.reads.append((after, answer))

    def answer(self) -> None:
        while self.reads:
            self.reads.pop(0)[1]()


def test_an_announced_head_beyond_what_was_delivered_is_read_from_the_log(meeting: Meeting) -> None:
    client, ana = meeting.visitor()
    peer, ben = meeting.plain()
    log = Log(meeting, head=5)
    meeting.audience.enter("lobby", ana, 3)
    meeting.audience.enter("lobby", ben, 3)

    meeting.audience.announce("lobby", 2, 3)
    assert log.reads == []
    meeting.audience.announce("lobby", 3, 5)
    log.answer()

    assert seqs(client) == [4, 5]
    assert [frame["id"] for frame in frames_in(peer.recv(10_000))] == ["e4", "e5"]


def test_what_comes_behind_a_gap_waits_until_it_is_filled(meeting: Meeting) -> None:
    client, ana = meeting.visitor()
    log = Log(meeting, head=4)
    meeting.audience.enter("lobby", ana, 1)

    meeting.audience.hear(delivery(message(3)))
    meeting.audience.hear(delivery(message(5), TYPING))
    assert names(client) == []
    log.answer()

    assert [(e["name"], e["args"][0].get("seq")) for e in client.get_received("/chat")] == [
        ("event", 2),
        ("event", 3),
        ("event", 4),
        ("event", 5),
        ("typing", None),
    ]


def test_a_gap_whose_events_have_expired_is_stepped_over(meeting: Meeting) -> None:
    client, ana = meeting.visitor()
    log = Log(meeting, head=0)
    meeting.audience.enter("lobby", ana, 1)

    meeting.audience.hear(delivery(message(9)))
    log.answer()
    meeting.audience.hear(delivery(message(10)))

    assert seqs(client) == [9, 10]


def test_a_gap_that_cannot_be_read_now_is_read_later(meeting: Meeting) -> None:
    client, ana = meeting.visitor()
    log = Log(meeting, head=2)
    log.fails = True
    meeting.audience.enter("lobby", ana, 1)
    meeting.audience.hear(delivery(message(3)))
    log.answer()
    assert names(client) == []

    log.fails = False
    ends_at = boottime() + 5
    while not log.reads:
        assert boottime() < ends_at
        sleep(0.01)
    log.answer()
    assert seqs(client) == [2, 3]


def test_who_has_missed_too_much_is_told_to_ask(meeting: Meeting) -> None:
    client, ana = meeting.visitor()
    peer, ben = meeting.plain()
    meeting.audience.enter("lobby", ana, 3)
    meeting.audience.enter("lobby", ben, 3)

    meeting.audience.hear(delivery(message(9_000)))

    heard = client.get_received("/chat")
    assert [event["name"] for event in heard] == ["resync", "event"]
    assert heard[0]["args"] == [{"room": "lobby", "reason": "lagging", "head": 8_999}]
    assert peer.recv(100)[:4] == b"\x88\x02\x03\xf4"  # 1012


def test_a_newcomer_who_knows_more_than_the_others_gets_nothing_twice(meeting: Meeting) -> None:
    client, ana = meeting.visitor("u_ana")
    newcomer, cleo = meeting.visitor("u_cleo")
    peer, ben = meeting.plain()
    log = Log(meeting, head=4)
    meeting.audience.enter("lobby", ana, 1)

    for member in (cleo, ben):
        let_in(meeting, member, 3)
    log.answer()

    assert (seqs(client), seqs(newcomer)) == ([2, 3, 4], [4])
    assert [frame["id"] for frame in frames_in(peer.recv(10_000))] == ["e4"]
    meeting.audience.hear(delivery(message(5)))
    assert (seqs(client), seqs(newcomer)) == ([5], [5])


def test_a_newcomer_who_knows_less_than_the_others_misses_nothing(meeting: Meeting) -> None:
    """Its answer was slow, and the others have heard more meanwhile."""
    _, ana = meeting.visitor("u_ana")
    newcomer, cleo = meeting.visitor("u_cleo")
    peer, ben = meeting.plain()
    meeting.audience.enter("lobby", ana, 1)
    pending_joins = [meeting.audience.expect("lobby", each.connection_id) for each in (cleo, ben)]
    meeting.audience.hear(delivery(message(2), message(3), TYPING))

    for pending_join, member in zip(pending_joins, (cleo, ben), strict=True):
        meeting.audience.let_in(pending_join, "lobby", member, 2, (1, 1))
        assert names(newcomer) == [], "the answer comes first"
        meeting.audience.join_answered(pending_join, "lobby")
        if member is cleo:
            assert seqs(newcomer) == [3]

    assert [frame["id"] for frame in frames_in(peer.recv(10_000))] == ["e3"]


def test_the_first_of_a_node_hears_what_came_before_its_answer_was_read(meeting: Meeting) -> None:
    client, ana = meeting.visitor()
    log = Log(meeting, head=9)
    pending_join = meeting.audience.expect("lobby", ana.connection_id)
    meeting.audience.hear(delivery(message(6), TYPING))
    meeting.audience.hear(delivery(message(9)))

    meeting.audience.let_in(pending_join, "lobby", ana, 5, (1, 1))
    meeting.audience.join_answered(pending_join, "lobby")
    log.answer()

    assert seqs(client) == [6, 7, 8, 9]


def test_one_who_is_refused_leaves_nothing_behind(meeting: Meeting) -> None:
    _, ana = meeting.visitor()
    pending_join = meeting.audience.expect("lobby", ana.connection_id)
    assert meeting.audience.joining("lobby") == [ana.connection_id]

    meeting.audience.join_answered(pending_join, "lobby")

    assert len(meeting.audience) == 0


def test_an_owner_that_nobody_here_listens_to_any_more_is_told(meeting: Meeting) -> None:
    told: list[tuple[str, str]] = []
    meeting.audience.on_unheard = lambda *about: told.append(about)

    meeting.audience.hear(delivery(message(1)))

    assert told == [("lobby", "n_2")]


def test_a_new_owner_is_told_who_is_here(meeting: Meeting) -> None:
    told: list[tuple[str, str]] = []
    meeting.audience.on_new_owner = lambda *about: told.append(about)
    _, ana = meeting.visitor()
    meeting.audience.enter("lobby", ana, 0)

    for epoch, sender in ((2, "n_2"), (2, "n_2"), (3, "n_3"), (2, "n_2")):
        heads = [Head(room_id="lobby", epoch=epoch, head=0)]
        meeting.audience.hear(Heads(sender=sender, heads=heads))

    assert told == [("lobby", "n_2"), ("lobby", "n_3")]


def delivery(*broadcasts: Any) -> Delivery:
    updates = [encode_update("lobby", each, with_plain=True) for each in broadcasts]
    return Delivery(sender="n_2", room_id="lobby", epoch=1, updates=updates)


def let_in(meeting: Meeting, member: Member, head: int) -> None:
    pending_join = meeting.audience.expect("lobby", member.connection_id)
    meeting.audience.let_in(pending_join, "lobby", member, head, (1, 1))
    meeting.audience.join_answered(pending_join, "lobby")


def test_one_that_left_hears_nothing_and_is_no_member(meeting: Meeting) -> None:
    client, ana = meeting.visitor()
    _, ben = meeting.plain()
    meeting.audience.enter("lobby", ana, 0)
    meeting.audience.enter("lobby", ben, 0)
    assert set(meeting.audience.members("lobby")) == {ana, ben}

    meeting.audience.leave("lobby", ana)
    meeting.audience.leave("lobby", ana)
    meeting.audience.deliver("lobby", 1, [message(1)])

    assert names(client) == []
    assert meeting.audience.members("lobby") == (ben,)
    meeting.audience.leave("lobby", ben)
    assert meeting.audience.members("lobby") == ()
    assert meeting.audience.head("lobby") == 0


def test_one_that_is_gone_before_the_room_answers_does_not_enter(meeting: Meeting) -> None:
    _, ana = meeting.visitor()
    connection = meeting.connections.get(ana.connection_id)
    assert connection is not None
    connection.is_open = False

    meeting.audience.enter("lobby", ana, 0)

    assert meeting.audience.members("lobby") == ()


def test_one_that_joins_again_under_another_name_is_there_once_and_leaves_for_good(meeting: Meeting) -> None:
    """Also after the node was declared dead: then its members join again under another node id."""
    client, ana = meeting.visitor("u_ana")
    _, ben = meeting.visitor("u_ben")
    renamed = msgspec.structs.replace(ana, name="Anna", node_id="n_2")
    for member in (ana, ben, renamed):
        meeting.audience.enter("lobby", member, 0)
    assert meeting.audience.members("lobby") == (renamed, ben)

    meeting.audience.deliver("lobby", 1, [ReadMoved(user_id="u_ana", seq=7)])
    meeting.audience.leave("lobby", renamed)
    meeting.audience.deliver("lobby", 1, [ReadMoved(user_id="u_ana", seq=8)])

    assert names(client) == ["read"]
    assert meeting.audience.members("lobby") == (ben,)


def test_every_frame_to_every_member_is_counted(meeting: Meeting) -> None:
    for _, member in (meeting.visitor("u_ana"), meeting.visitor("u_cleo"), meeting.plain()):
        meeting.audience.enter("lobby", member, 0)

    meeting.audience.deliver("lobby", 1, [message(1), message(2)])

    assert sum(meeting.delivered) == 6
