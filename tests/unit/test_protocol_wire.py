"""What leaves: the exact words of both dialects."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from chatapp import errors, protocol
from chatapp.errors import ChatError
from chatapp.protocol import Ack, encode_ack, encode_broadcast, encode_plain_broadcast, encode_plain_greeting
from chatapp.protocol.attachments import attach_ack
from chatapp.protocol.attendance import LeaveAck, presence_ack
from chatapp.protocol.catalogue import REQUESTS, TOLD
from chatapp.protocol.connection import PingAck
from chatapp.protocol.joining import join_ack
from chatapp.protocol.messages import history_ack, lookup_ack, message_ack
from chatapp.protocol.reading import read_ack
from chatapp.rooms.attachments import Attached
from chatapp.rooms.attendance.people import Person, PersonJoined, PersonLeft
from chatapp.rooms.attendance.presence import Presence, PresenceChanged
from chatapp.rooms.attendance.typists import TypingChanged
from chatapp.rooms.events import Broadcast, RoomEvent, Signal
from chatapp.rooms.joining import Joined
from chatapp.rooms.messages import bodies, change_bodies
from chatapp.rooms.messages.aspect import Posted
from chatapp.rooms.messages.recent_ids import Known
from chatapp.rooms.messages.targets import TargetId
from chatapp.rooms.messages.uploads import Upload
from chatapp.rooms.reading import ReadAt, ReadMoved

ANA = Person(id="u_1", name="Ana", devices=2)
BEN = Person(id="u_2", name="Ben", lost_at=5_000)
ANA_SENT = {"id": "u_1", "name": "Ana", "devices": 2}
BEN_SENT = {"id": "u_2", "name": "Ben", "devices": 1, "lost_at": 5_000}


def row(seq: int, type_: str = "message", body: bytes = b'{"content":"hi \\"\xc3\xbc\\""}') -> RoomEvent:
    return RoomEvent(
        room_id="lobby",
        seq=seq,
        type=type_,
        id=f"m{seq}",
        ts=seq * 1_000,
        user_id="u_1",
        user_name="Ana",
        client_id=f"c{seq}",
        body=body,
    )


def row_sent(seq: int) -> dict[str, object]:
    return {
        "room": "lobby",
        "seq": seq,
        "type": "message",
        "id": f"m{seq}",
        "ts": seq * 1_000,
        "user": {"id": "u_1", "name": "Ana"},
        "client_id": f"c{seq}",
        "body": {"content": 'hi "ü"'},
    }


def change(**parts: object) -> PresenceChanged:
    empty = {"version": (3, 7), "joined": (), "left": (), "changed": (), "count": 2, "people": (ANA, BEN)}
    return PresenceChanged(**{**empty, **parts})  # type: ignore[arg-type]


def arrived(people: tuple[Person, ...] | None = (ANA, BEN), **parts: object) -> Joined:
    joined: dict[str, object] = {
        "room_id": "lobby",
        "stream_id": "s1",
        "head": 3,
        "floor": 1,
        "is_recovered": False,
        "reason": None,
        "events": (row(2), row(3)),
        "has_more": False,
        "presence": Presence(version=(3, 7), people=people, count=2),
        "read_seq": 1,
        "attachment": None,
        "attachment_version": 0,
        "retention_ms": 86_400_000,
        "arrival": PersonJoined(id="j1", ts=9, person=ANA),
    }
    return Joined(**{**joined, **parts})  # type: ignore[arg-type]


def sent(broadcast: Broadcast) -> object:
    payload = encode_broadcast("lobby", broadcast)
    return None if payload is None else json.loads(payload)


def test_a_row_of_the_log_goes_out_as_event() -> None:
    assert sent(row(4)) == ["event", row_sent(4)]


def test_a_stored_body_is_passed_on_byte_for_byte() -> None:
    payload = encode_broadcast("lobby", row(4, "from-the-future", b'{"b": 1, "a":[ ] }'))

    assert payload is not None
    assert payload.endswith(b'"body":{"b": 1, "a":[ ] }}]')


@pytest.mark.parametrize(
    ("broadcast", "expected"),
    [
        (
            change(joined=(ANA,), left=(BEN,)),
            [
                "presence",
                {"room": "lobby", "v": [3, 7], "joined": [ANA_SENT], "left": [BEN_SENT], "count": 2},
            ],
        ),
        (
            change(changed=(BEN,)),
            ["presence", {"room": "lobby", "v": [3, 7], "changed": [BEN_SENT], "count": 2}],
        ),
        (
            change(people=None, count=201),
            ["presence", {"room": "lobby", "v": [3, 7], "full": [], "count": 201}],
        ),
        (
            change(people=(ANA, BEN), joined=(BEN,), is_full=True),
            ["presence", {"room": "lobby", "v": [3, 7], "full": [ANA_SENT, BEN_SENT], "count": 2}],
        ),
        (
            TypingChanged(people=(ANA,), ttl_ms=6_000),
            ["typing", {"room": "lobby", "users": [{"id": "u_1", "name": "Ana"}], "ttl_ms": 6_000}],
        ),
        (ReadMoved(user_id="u_1", seq=4), ["read", {"room": "lobby", "user": "u_1", "seq": 4}]),
        (PersonJoined(id="j", ts=1, person=ANA), None),
        (PersonLeft(id="j", ts=1, person=ANA), None),
    ],
)
def test_signals_say_what_changed(broadcast: Broadcast, expected: object) -> None:
    assert sent(broadcast) == expected


def acked(ack: protocol.Ack | protocol.Refused) -> object:
    (answer,) = json.loads(encode_ack(ack))
    return answer


def test_a_join_is_answered_with_everything_a_newcomer_needs() -> None:
    assert acked(join_ack(arrived())) == {
        "ok": True,
        "room": {"id": "lobby", "title": "lobby", "topic": "", "retention_ms": 86_400_000},
        "role": "member",
        "stream": "s1",
        "head": 3,
        "floor": 1,
        "recovered": False,
        "events": [row_sent(2), row_sent(3)],
        "more": False,
        "presence": {"v": [3, 7], "users": [ANA_SENT, BEN_SENT], "count": 2},
        "read": 1,
        "attachment": {"version": 0, "value": None},
    }


def test_a_join_that_could_not_be_continued_says_why_and_brings_the_attachment() -> None:
    joined = arrived(people=None, reason="truncated", attachment='{"a":1}', attachment_version=4)

    (ack,) = json.loads(encode_ack(join_ack(joined)))

    assert ack["reason"] == "truncated"
    assert ack["attachment"] == {"version": 4, "value": {"a": 1}}
    assert ack["presence"] == {"v": [3, 7], "users": [], "count": 2}


def test_acks_have_the_members_of_the_protocol() -> None:
    posted = Posted(seq=4, id="m4", ts=9, is_duplicate=True)
    known = {"a": Known(seq=4, id="m4", ts=9, content_hash=b"")}

    assert acked(message_ack(posted)) == {
        "ok": True,
        "seq": 4,
        "id": "m4",
        "ts": 9,
        "duplicate": True,
    }
    assert acked(lookup_ack(["a", "b"], known)) == {
        "ok": True,
        "found": {"a": {"seq": 4, "id": "m4", "ts": 9}},
        "unknown": ["b"],
    }
    assert acked(presence_ack(Presence(version=(1, 2), people=(ANA,), count=1))) == {
        "ok": True,
        "v": [1, 2],
        "users": [ANA_SENT],
        "count": 1,
    }
    assert acked(attach_ack(Attached(version=2, value="[1]"))) == {
        "ok": True,
        "version": 2,
        "value": [1],
    }
    assert acked(read_ack(ReadAt(seq=5))) == {"ok": True, "seq": 5}
    assert acked(LeaveAck()) == {"ok": True}
    assert acked(PingAck(t=1.5, server_time=7)) == {"ok": True, "t": 1.5, "server_time": 7}


def test_a_page_says_what_it_covers() -> None:
    page = history_ack(
        [row(2)], covers=(1, 2), stream_id="s", head=9, floor=1, more_before=False, more_after=True
    )
    nothing = history_ack(
        [], covers=None, stream_id="s", head=9, floor=10, more_before=False, more_after=False
    )

    assert acked(page) == {
        "ok": True,
        "events": [row_sent(2)],
        "from": 1,
        "to": 2,
        "stream": "s",
        "head": 9,
        "floor": 1,
        "more_before": False,
        "more_after": True,
    }
    assert acked(nothing) == {
        "ok": True,
        "events": [],
        "from": None,
        "to": None,
        "stream": "s",
        "head": 9,
        "floor": 10,
        "more_before": False,
        "more_after": False,
    }


def test_every_signal_of_a_room_is_told() -> None:
    kinds = {kind for kind in Signal.__subclasses__() if kind.__module__.startswith("chatapp.")}

    assert kinds - TOLD.keys() == {PersonJoined, PersonLeft}  # which only the plain dialect tells


def test_every_event_has_an_ack_declared() -> None:
    assert all(issubclass(request.ack, Ack) for request in REQUESTS.values())


def all_refusals() -> list[type[ChatError]]:
    return [e for e in vars(errors).values() if isinstance(e, type) and issubclass(e, ChatError)]


@pytest.mark.parametrize("kind", all_refusals())
def test_every_refusal_is_one_object_with_code_sentence_and_reference(kind: type[ChatError]) -> None:
    assert acked(protocol.refusal(kind(), "r1")) == {
        "ok": False,
        "error": {"code": kind.code, "message": kind.text, "retryable": kind.retryable, "ref": "r1"},
    }


def test_a_refusal_says_when_where_and_what_instead() -> None:
    slow = protocol.refusal(errors.RateLimited(retry_after_ms=70), "r").error
    taken = protocol.refusal(errors.NameTaken(field="name", suggestion="Ana 2"), "r").error
    stale = protocol.refusal(errors.Conflict(version=5), "r").error

    assert slow.retry_after_ms == 70
    assert (taken.field, taken.suggestion) == ("name", "Ana 2")
    assert stale.version == 5
    assert protocol.connect_refusal(errors.TooManyConnections(retry_after_ms=9)) == {
        "code": "too_many_connections",
        "message": "There are too many open connections.",
        "retryable": True,
        "retry_after_ms": 9,
    }


def test_references_tell_refusals_apart() -> None:
    assert len({protocol.new_ref() for _ in range(100)}) == 100


def test_hello_tells_the_sizes_and_only_what_works() -> None:
    hello = protocol.Hello(
        build="b",
        server_time=5,
        connection="c1",
        user=protocol.User(id="u_1", name="Ana"),
        device="d",
        features=protocol.features(has_uploads=False),
    )

    name, said = json.loads(protocol.encode_hello(hello))

    assert name == "hello"
    assert said["protocol"] == "1"
    assert said["user"] == {"id": "u_1", "name": "Ana"}
    assert said["limits"]["content"] == 4_000
    assert set(said["features"]) == {*REQUESTS, "message.reply_to", "message.mentions"}
    with_files = set(protocol.features(has_uploads=True))
    assert with_files == {*said["features"], "message.uploads", "edit.uploads"}


def test_words_about_the_connection() -> None:
    bye = protocol.Bye(code="draining", retry=True, after_ms=700)
    resync = protocol.Resync(room="lobby", reason="lagging", head=9)
    notice = protocol.Notice(level="info", code="maintenance", text="Back soon.")

    assert json.loads(protocol.encode_bye(bye)) == [
        "bye",
        {"code": "draining", "retry": True, "after_ms": 700},
    ]
    assert json.loads(protocol.encode_resync(resync)) == [
        "resync",
        {"room": "lobby", "reason": "lagging", "head": 9},
    ]
    assert json.loads(protocol.encode_notice(notice)) == [
        "notice",
        {"level": "info", "code": "maintenance", "text": "Back soon."},
    ]


PLAIN_ROW = {
    "id": "m2",
    "type": "message",
    "userId": "u_1",
    "username": "Ana",
    "content": 'hi "ü"',
    "timestamp": 2_000,
}
TARGET = TargetId(seq=1, id="m1")
NEW = bodies.edited(bodies.said("a"), "b", at=2_000, seq=2)
ANA_JOINED = {"id": "j1", "type": "join", "userId": "u_1", "username": "Ana", "timestamp": 9}


@pytest.mark.parametrize(
    ("broadcast", "expected"),
    [
        (row(2), PLAIN_ROW),
        (
            row(2, "edit", change_bodies.edit_told(TARGET, NEW)),
            {"id": "m1", "type": "edit", "content": "b", "timestamp": 2_000},
        ),
        (row(2, "edit", change_bodies.edit_told(TARGET, None)), None),
        (
            row(2, "delete", change_bodies.delete_told(TARGET)),
            {"id": "m1", "type": "delete", "timestamp": 2_000},
        ),
        (row(2, "message", bodies.tombstone(5)), None),
        (row(2, "react", change_bodies.react_told([])), None),
        (row(2, "room"), None),
        (PersonJoined(id="j1", ts=9, person=ANA), ANA_JOINED),
        (
            PersonLeft(id="l1", ts=9, person=BEN),
            {"id": "l1", "type": "leave", "userId": "u_2", "username": "Ben", "timestamp": 9},
        ),
        (
            change(),
            {
                "type": "presence",
                "users": [{"userId": "u_1", "username": "Ana"}, {"userId": "u_2", "username": "Ben"}],
            },
        ),
        (change(people=None), None),
        (TypingChanged(people=(ANA,), ttl_ms=6_000), None),
        (ReadMoved(user_id="u_1", seq=4), None),
    ],
)
def test_the_plain_dialect_has_the_originals_frames_and_no_others(
    broadcast: Broadcast, expected: object
) -> None:
    frame = encode_plain_broadcast(broadcast)
    assert (frame and json.loads(frame)) == expected


FILES = [
    Upload(id="u1", name="sea “1”.jpg", type="image/jpeg", size=9),
    Upload(id="u2", name="b.txt", type="text/plain", size=9),
]


@pytest.mark.parametrize("content", ["look", ""])
@pytest.mark.parametrize("site", ["https://chat.example/talk", ""])
def test_in_the_plain_dialect_files_are_lines_with_a_link_to_their_message(content: str, site: str) -> None:
    """To the page, which asks at the room's door; and for as long as the message is there."""
    link = f"{site}/chat/caf%C3%A9%2F1#s7"
    said = "\n".join(filter(None, [content, f"sea “1”.jpg: {link}", f"b.txt: {link}"]))
    message = replace(row(7, "message", bodies.said(content, None, FILES)), room_id="café/1")
    edited = bodies.edited(message.body, content, at=9, seq=8, uploads=FILES[1:])
    edit = replace(
        row(8, "edit", change_bodies.edit_told(TargetId(seq=7, id="m7"), edited)), room_id="café/1"
    )

    told, changed = (json.loads(encode_plain_broadcast(each, site) or b"null") for each in (message, edit))
    history, *_ = encode_plain_greeting(arrived(events=[message]), site)

    assert told["content"] == said
    assert json.loads(history)["messages"] == [{**told}]
    assert changed["content"] == "\n".join(filter(None, [content, f"b.txt: {link}"]))


def test_a_newcomer_of_the_plain_dialect_is_greeted_in_the_originals_order() -> None:
    deleted = row(2, "message", bodies.tombstone(5))
    arrival = arrived(events=(row(1, "room"), deleted, row(2)))
    frames = [json.loads(frame) for frame in encode_plain_greeting(arrival)]

    assert frames == [
        {"type": "history", "messages": [PLAIN_ROW]},
        ANA_JOINED,
        {
            "type": "presence",
            "users": [{"userId": "u_1", "username": "Ana"}, {"userId": "u_2", "username": "Ben"}],
        },
    ]


def test_the_plain_history_is_what_the_join_brought_oldest_first() -> None:
    history = json.loads(encode_plain_greeting(arrived(events=[row(n) for n in range(51, 151)]))[0])

    assert [message["id"] for message in history["messages"]] == [f"m{n}" for n in range(51, 151)]


def test_in_a_crowd_a_newcomer_still_sees_itself() -> None:
    presence = json.loads(encode_plain_greeting(arrived(people=None))[2])

    assert presence["users"] == [{"userId": "u_1", "username": "Ana"}]


def test_a_refusal_in_the_plain_dialect_is_a_frame_the_original_ignores() -> None:
    frame = protocol.encode_plain_error(errors.Empty())

    assert json.loads(frame) == {"type": "error", "code": "empty", "message": "A message needs some text."}
