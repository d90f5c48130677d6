"""Peer messages: at most once, in order, and an honest word on whether anybody listens.

One suite over the fake of the kernel's tests and over a real Valkey.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import reduce
from operator import or_
from typing import Any, Protocol

import msgspec
import pytest

from chatapp.errors import ChatError, NameTaken, RoomBusy
from chatapp.kernel.peer_messages import Answered, Forward, Moved, OutOfStep
from chatapp.kernel.ports import Relay
from chatapp.relay import codec
from chatapp.relay.peer_messages import Aside, Delivery, EncodedUpdate, Head, Heads
from chatapp.relay.redis_relay import RedisRelay
from chatapp.rooms.attendance.aspect import Leave, SyncSessions
from chatapp.rooms.attendance.people import Person, PersonJoined
from chatapp.rooms.attendance.presence import Presence
from chatapp.rooms.changing import Changed, DeleteMessage, EditFiles, EditMentioning, EditMessage
from chatapp.rooms.commands import Authored, Command, Cursor, Join, Member, Tick
from chatapp.rooms.events import RoomEvent
from chatapp.rooms.joining import Joined
from chatapp.rooms.messages.aspect import Posted, PostFiles, PostMentioning, PostMessage, PostReply
from chatapp.rooms.messages.bodies import Mention
from chatapp.rooms.messages.targets import TargetId
from chatapp.rooms.reacting import React, Reacted, Reaction, ReactOutcome, Refusal
from chatapp.rooms.reading import ReadAt
from chatapp.rooms.room import ANSWERS, COMMANDS
from chatapp.runtime import HubScheduler, boottime, sleep
from tests.fakes.relay import FakeNetwork, FakeRelay
from tests.fakes.scheduler import FakeScheduler
from tests.redis_servers import RedisServer, valkey

__all__ = ["valkey"]

TARGET = TargetId(seq=4, id="m4")
ANA = Member(user_id="u_ana", name="Ana", device="d", connection_id="c_1", node_id="n_1")
PERSON = Person(id="u_ana", name="Ana")
EVENT = RoomEvent(
    room_id="lobby",
    seq=7,
    type="message",
    id="e7",
    ts=1,
    user_id="u_ana",
    user_name="Ana",
    client_id="c",
    body=b'{"content":"\xc3\xa4"}',
    content_hash=b"\xff" * 16,
)
JOINED = Joined(
    room_id="lobby",
    stream_id="s",
    head=7,
    floor=1,
    is_recovered=True,
    reason=None,
    events=[EVENT],
    has_more=False,
    presence=Presence(version=(3, 1), people=[PERSON], count=1),
    read_seq=5,
    attachment='{"a":1}',
    attachment_version=2,
    retention_ms=1000,
    arrival=PersonJoined(id="j", ts=1, person=PERSON),
    mine={7: ["👍"]},
)


class Network(Protocol):
    def relay(self, node_id: str) -> tuple[Relay, list[Any]]:
        """One that listens, and what it hears."""
        ...

    def until(self, holds: Callable[[], bool]) -> None: ...


class MemoryNetwork:
    def __init__(self) -> None:
        self._scheduler = FakeScheduler()
        self._network = FakeNetwork(self._scheduler)

    def relay(self, node_id: str) -> tuple[Relay, list[Any]]:
        heard: list[Any] = []
        relay = FakeRelay(self._network, self._scheduler)
        relay.on_peer_message = heard.append
        relay.listen(node_id)
        return relay, heard

    def until(self, holds: Callable[[], bool]) -> None:
        self._scheduler.run_until(holds, at_most=5)


class RedisNetwork:
    def __init__(self, url: str) -> None:
        self._url = url
        self.relays: list[RedisRelay] = []

    def relay(self, node_id: str) -> tuple[Relay, list[Any]]:
        heard: list[Any] = []
        relay = RedisRelay(self._url, HubScheduler(), "tests")
        self.relays.append(relay)
        relay.on_peer_message = heard.append
        relay.listen(node_id)
        relay.start()
        self.until(lambda: relay.is_up)
        return relay, heard

    def until(self, holds: Callable[[], bool]) -> None:
        ends_at = boottime() + 10
        while not holds():
            assert boottime() < ends_at, "in vain"
            sleep(0.002)


@pytest.fixture(params=["fake", "redis"])
def network(request: pytest.FixtureRequest) -> Iterator[Network]:
    if request.param == "fake":
        yield MemoryNetwork()
        return
    redis = RedisNetwork(request.getfixturevalue("valkey").url)
    yield redis
    for relay in redis.relays:
        relay.stop()


def head(number: int) -> Heads:
    return Heads(sender="a", heads=[Head(room_id="lobby", epoch=1, head=number)])


def test_peer_messages_arrive_in_the_order_of_sending(network: Network) -> None:
    here, _ = network.relay("a")
    _, heard = network.relay("b")

    heads = [head(number) for number in range(200)]
    for each in heads:
        here.send(["b"], each)

    network.until(lambda: len(heard) == 200)
    assert heard == heads


def test_one_goes_to_several_nodes_and_the_sender_hears_how_many_listen(network: Network) -> None:
    here, mine = network.relay("a")
    _, b = network.relay("b")
    _, c = network.relay("c")
    counts: list[int] = []

    here.send(["b", "c", "nobody"], head(1), counts.append)
    here.send(["nobody"], head(2), counts.append)

    network.until(lambda: len(counts) == 2)
    network.until(lambda: (b, c) == ([head(1)], [head(1)]))
    assert (counts, mine) == ([2, 0], [])


def test_one_to_all_reaches_everybody_once_the_sender_included(network: Network) -> None:
    here, mine = network.relay("a")
    _, b = network.relay("b")
    here.send(["b"], head(1))
    here.send_to_all(head(2))
    here.listen("a2")
    here.send_to_all(head(3))
    here.send(["a2", "b"], head(4))

    network.until(lambda: len(mine) == 3 and len(b) == 4)
    assert (mine, b) == ([head(2), head(3), head(4)], [head(1), head(2), head(3), head(4)])


def test_a_node_under_a_new_name_is_reached_by_that_alone(network: Network) -> None:
    here, _ = network.relay("a")
    there, heard = network.relay("b")
    counts: list[int] = []

    there.listen("b again")
    network.until(lambda: asked(network, here, "b again") == 1)

    here.send(["b"], head(1), counts.append)
    network.until(lambda: counts == [0])
    assert head(1) not in heard


def asked(network: Network, relay: Relay, node_id: str) -> int:
    counts: list[int] = []
    relay.send([node_id], head(0), counts.append)
    network.until(lambda: bool(counts))
    return counts[0]


def forward(command: Any) -> Forward:
    return Forward(
        sender="a", forward_id=1, sequence_id=2, number=3, give_up_ms=4, is_found=True, command=command
    )


def answered(answer: Any) -> Answered:
    return Answered(sender="a", room_id="lobby", forward_id=1, answer=answer)


CALLED = (Mention(id="u_ben", name="Ben"), Mention(id="", name="here"))
CALL = PostMentioning(
    room_id="lobby", author_id="u", author_name="U", client_id="c", content="@Ben @here", mentions=CALLED
)
EDIT_THAT_CALLS = EditMentioning(
    room_id="lobby", author_id="u", client_id="c", target=TARGET, content="@Ben @here", mentions=CALLED
)
KINDS = [
    forward(Join(room_id="lobby", member=ANA, since=Cursor(stream_id="s", seq=3), attachment="{}")),
    forward(Leave(room_id="lobby", member=ANA)),
    forward(
        PostMessage(room_id="lobby", author_id="u", author_name="U", client_id="c", content="ä", member=ANA)
    ),
    forward(
        PostReply(
            room_id="lobby", author_id="u", author_name="U", client_id="c", content="ä", reply_to=TARGET
        )
    ),
    forward(EditMessage(room_id="lobby", author_id="u", client_id="c", target=TARGET, content="ä", base=3)),
    forward(CALL),
    forward(msgspec.structs.replace(CALL, reply_to=TARGET)),
    forward(EDIT_THAT_CALLS),
    forward(
        PostFiles(
            room_id="lobby",
            author_id="u",
            author_name="U",
            client_id="c",
            content="",
            uploads=("f", "g"),
            reply_to=TARGET,
        )
    ),
    forward(
        EditFiles(room_id="lobby", author_id="u", client_id="c", target=TARGET, content="", uploads=None)
    ),
    forward(DeleteMessage(room_id="lobby", author_id="u", client_id="c", target=TARGET, member=ANA)),
    forward(
        React(
            room_id="lobby",
            changes=(Reaction(user_id="u", name="U", target=TARGET, emoji="👍", on=True, member=ANA),),
        )
    ),
    answered(Changed(seq=1, id="e", ts=2, is_duplicate=False)),
    answered(
        Reacted(
            outcomes=[
                ReactOutcome(seq=4),
                ReactOutcome(refusal=Refusal(code="target_gone", message="No.", field=None, extra={})),
            ]
        )
    ),
    answered(JOINED),
    answered(Posted(seq=1, id="e", ts=2, is_duplicate=False)),
    answered(ReadAt(seq=4)),
    answered(Moved()),
    answered(OutOfStep()),
    answered(None),
    Delivery(
        sender="a",
        room_id="lobby",
        epoch=3,
        updates=[
            EncodedUpdate(seq=7, socketio=b'["event",{}]', plain=b"{}"),
            EncodedUpdate(seq=None, socketio=b"x", plain=None, user_id="u"),
        ],
    ),
    Aside(
        sender="a", command=SyncSessions(room_id="lobby", node_id="a", number=1, members=[ANA], joining=["c"])
    ),
]


@pytest.mark.parametrize("peer_message", KINDS, ids=lambda each: type(each).__name__)
def test_every_kind_arrives_as_it_was_sent(network: Network, peer_message: Any) -> None:
    here, _ = network.relay("a")
    _, heard = network.relay("b")

    here.send(["b"], peer_message)

    network.until(lambda: bool(heard))
    (arrived,) = heard
    assert isinstance(arrived, type(peer_message))
    assert msgspec.structs.astuple(arrived) == msgspec.structs.astuple(peer_message)


def test_every_command_that_can_be_said_from_afar_can_be_read() -> None:
    """A new one that no aspect handles would be lost on the way in silence."""
    kinds = {kind for kind in descendants(Command) if kind.__module__.startswith("chatapp.")}

    assert kinds - {Tick, Authored} == set(COMMANDS)


def descendants(kind: type[Command]) -> set[type[Command]]:
    children = kind.__subclasses__()
    return set(children).union(*map(descendants, children))


@pytest.mark.parametrize(
    "error", [RoomBusy(retry_after_ms=500), NameTaken(field="name", suggestion="Ana 2")], ids=lambda e: e.code
)
def test_a_refusal_arrives_as_the_same_refusal(network: Network, error: ChatError) -> None:
    here, _ = network.relay("a")
    _, heard = network.relay("b")

    here.send(["b"], answered(error))

    network.until(lambda: bool(heard))
    arrived = heard[0].answer
    assert type(arrived) is type(error)
    for name in ("message", "retry_after_ms", "field", "extra"):
        assert getattr(arrived, name) == getattr(error, name)


# --- nodes of the version before --------------------------------------------------------------


class HeadBefore(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    room_id: str
    epoch: int
    head: int


class UpdateBefore(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    seq: int | None
    socketio: bytes | None
    plain: bytes | None
    user_id: str | None = None


@pytest.mark.parametrize(
    "command",
    [
        PostReply(room_id="r", author_id="u", author_name="U", client_id="c", content="x", reply_to=TARGET),
        EditMessage(room_id="r", author_id="u", client_id="c", target=TARGET, content="x"),
        CALL,
        EDIT_THAT_CALLS,
        DeleteMessage(room_id="r", author_id="u", client_id="c", target=TARGET),
        React(room_id="r", changes=()),
    ],
    ids=lambda command: type(command).__name__,
)
def test_an_owner_of_the_version_before_takes_no_change_for_something_else(command: Command) -> None:
    """It cannot read it and says nothing, so that its sender is told `owner_unavailable`, and asks again."""
    new = {PostReply, PostMentioning, EditMessage, EditMentioning, DeleteMessage, React}
    before = msgspec.msgpack.Decoder(reduce(or_, [kind for kind in COMMANDS if kind not in new]))

    with pytest.raises(msgspec.ValidationError):
        before.decode(msgspec.msgpack.encode(command))


def test_nodes_of_this_version_and_the_one_before_read_each_other() -> None:
    """What has no place for a number of presence goes without; nothing else is lost."""
    for now, before in (
        (Head(room_id="lobby", epoch=1, head=2, presence=3), HeadBefore(room_id="lobby", epoch=1, head=2)),
        (
            EncodedUpdate(seq=None, socketio=b"x", plain=None, presence=3),
            UpdateBefore(seq=None, socketio=b"x", plain=None),
        ),
    ):
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(now), type=type(before)) == before
        read = msgspec.msgpack.decode(msgspec.msgpack.encode(before), type=type(now))
        assert read == msgspec.structs.replace(now, presence=None)

    snapshot = Aside(sender="a", command=SyncSessions(room_id="lobby", node_id="a", number=1, members=[]))
    plain = msgspec.to_builtins(snapshot)
    for name in ("presence", "may_lack_presence"):
        del plain["command"][name]
    assert codec.decode(msgspec.msgpack.encode(plain)) == codec.decode(codec.encode(snapshot))


# As nodes of the version before say it: names in the code may change, these may not.
ANA_SAID = {
    **{"user_id": "u", "name": "Ana", "device": "d", "connection_id": "c"},
    **{"node_id": "a", "lingers": True},
}
SAID_BEFORE: list[dict[str, Any]] = [
    {
        **{"type": "Forward", "sender": "a", "letter_id": 1, "line": 2, "number": 3, "give_up_ms": 4},
        **{"is_found": True, "command": {"type": "Leave", "room_id": "lobby", "member": ANA_SAID}},
    },
    {"type": "Answered", "sender": "a", "room_id": "lobby", "letter_id": 1, "answer": {"type": "Moved"}},
    {"type": "Answered", "sender": "a", "room_id": "lobby", "letter_id": 1, "answer": {"type": "OutOfStep"}},
    {
        **{"type": "Delivery", "sender": "a", "room_id": "lobby", "epoch": 3},
        "pieces": [[7, b"x", b"{}", None, None], [None, b"x", None, "u", 3]],
    },
    {"type": "Heads", "sender": "a", "heads": [["lobby", 1, 2, 3]]},
    {
        **{"type": "Aside", "sender": "a"},
        "command": {
            **{"type": "TakeRoll", "room_id": "lobby", "node_id": "a", "number": 1, "members": [ANA_SAID]},
            **{"joining": ["c"], "presence": [1, 2], "may_lack_presence": False},
        },
    },
    {"type": "Takes", "sender": "a", "by_rate": {"messages": {"u": 2}}},
    {
        **{"type": "OpenCounts", "sender": "a", "people": {"u": 1}, "addresses": {"::1": 1}},
        **{"is_everything": True, "wants_yours": False},
    },
]


@pytest.mark.parametrize("said", SAID_BEFORE, ids=lambda said: said["type"])
def test_what_the_version_before_says_is_read_and_said_in_the_same_words(said: dict[str, Any]) -> None:
    encoded = msgspec.msgpack.encode(said)

    assert msgspec.msgpack.decode(codec.encode(codec.decode(encoded))) == said


# What a command or an answer carries; with a question mark what may be missing.
CARRIED_BEFORE = {
    "Join": "room_id member since? limit? attachment? may_create?",
    "Leave": "room_id member",
    "Disconnect": "room_id member",
    "SignOut": "room_id user_id",
    "PostMessage": "room_id author_id author_name client_id content is_retry? member? may_create?",
    "SetTyping": "room_id member is_typing",
    "MarkRead": "room_id member seq",
    "Attach": "room_id member value is_merge? version?",
    "GetPresence": "room_id member",
    "TakeRoll": "room_id node_id number members joining? presence? may_lack_presence?",
    "Posted": "seq id ts is_duplicate",
    "Joined": "room_id stream_id head floor is_recovered reason events has_more presence read_seq"
    " attachment attachment_version retention_ms arrival",
    "Presence": "version people count",
    "Attached": "version value",
    "ReadAt": "seq",
}
PARTS_BEFORE: dict[type[msgspec.Struct], str] = {
    Member: "user_id name device connection_id node_id lingers?",
    Cursor: "stream_id seq",
    RoomEvent: "room_id seq type id ts user_id user_name client_id body content_hash?",
    Person: "id name devices? lost_at? is_visitor?",
    PersonJoined: "id ts person",
}


def carried(kind: type[msgspec.Struct]) -> set[str]:
    fields = msgspec.structs.fields(kind)
    return {each.encode_name if each.required else f"{each.encode_name}?" for each in fields}


def test_commands_and_answers_are_in_the_words_of_the_version_before() -> None:
    """It reads no others, and whoever waits for such an answer would wait in vain. What may be missing it
    passes over."""
    kinds = {str(kind.__struct_config__.tag): kind for kind in (*COMMANDS, *ANSWERS)}
    before = {kinds[tag]: words for tag, words in CARRIED_BEFORE.items()} | PARTS_BEFORE

    for kind, words in before.items():
        assert carried(kind) >= set(words.split()), kind
        assert all(word.endswith("?") for word in carried(kind) - set(words.split())), kind


# --- what only a real Redis can do ------------------------------------------------------------


@pytest.fixture
def redis(valkey: RedisServer) -> Iterator[RedisServer]:
    server = RedisServer("--requirepass", "se/cret")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def pair(redis: RedisServer) -> Iterator[RedisNetwork]:
    network = RedisNetwork(redis.url.replace("redis://", "redis://:se%2Fcret@"))
    yield network
    for relay in network.relays:
        relay.stop()


@pytest.mark.alone
def test_a_redis_that_ends_is_noticed_at_once_and_found_again(redis: RedisServer, pair: RedisNetwork) -> None:
    here, _ = pair.relay("a")
    there, heard = pair.relay("b")
    counts: list[int] = []

    redis.stop()
    began_at = boottime()
    pair.until(lambda: not here.is_up)
    assert boottime() - began_at < 0.5
    here.send(["b"], head(1), counts.append)
    pair.until(lambda: counts == [0])

    redis.start()
    began_at = boottime()
    pair.until(lambda: here.is_up and there.is_up)
    assert boottime() - began_at < 2.5
    here.send(["b"], head(2), counts.append)
    pair.until(lambda: heard == [head(2)])
    assert counts == [0, 1]


@pytest.mark.alone
def test_a_redis_that_hangs_is_given_up_after_two_seconds(redis: RedisServer, pair: RedisNetwork) -> None:
    here, _ = pair.relay("a")
    counts: list[int] = []

    redis.freeze()
    here.send(["a"], head(1), counts.append)
    began_at = boottime()
    pair.until(lambda: not here.is_up)
    assert 1.0 < boottime() - began_at < 3.5
    pair.until(lambda: counts == [0])

    redis.thaw()
    pair.until(lambda: here.is_up)


def test_what_is_no_peer_message_is_left_unread(pair: RedisNetwork, redis: RedisServer) -> None:
    here, _ = pair.relay("a")
    there, heard = pair.relay("b")
    assert isinstance(here, RedisRelay)

    here._link.publish([b"chat:node:b"], b"\xc1nonsense", lambda reply: None)
    here.send(["b"], head(1))

    pair.until(lambda: heard == [head(1)])
    assert there.is_up


def test_a_wrong_password_keeps_the_relay_down(redis: RedisServer) -> None:
    relay = RedisRelay(redis.url, HubScheduler(), "tests")
    relay.listen("a")
    relay.start()
    ends_at = boottime() + 10
    while relay.trouble is None:
        assert boottime() < ends_at
        sleep(0.01)

    assert not relay.is_up
    relay.stop()
