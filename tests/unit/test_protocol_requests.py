"""From what a stranger sent to a request, or to a refusal that names the field."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.errors import BadRequest, ChatError, Empty, TooLong, UnknownEvent, Unsupported
from chatapp.protocol import decode_json, normal_name, normal_room_id, parse, parse_plain
from chatapp.protocol.attachments import AttachRequest
from chatapp.protocol.catalogue import NOT_OFFERED, REQUESTS
from chatapp.protocol.changing import EditRequest, edit_command, parse_deletion, parse_patch
from chatapp.protocol.connection import PingRequest
from chatapp.protocol.forms import Request
from chatapp.protocol.joining import JoinRequest
from chatapp.protocol.messages import HistoryRequest, MessageRequest, parse_post
from chatapp.protocol.parsing import parse_query
from chatapp.protocol.reacting import ReactRequest
from chatapp.protocol.rest import parse_sign_in
from chatapp.protocol.words import check_new_room_id, checked_user_id, normal_emoji
from chatapp.rooms.changing import EditFiles, EditMessage
from chatapp.rooms.messages.targets import TargetId
from tests.bad_input import NO_EMOJI

SIGHT = json.loads((Path(__file__).parents[1] / "vectors" / "texts" / "sight.json").read_text())
Kind = TypeVar("Kind", bound=Request)

TARGET = {"seq": 4, "id": "m4"}
MENTIONS = [{"id": "u_ben", "name": "Ben"}, {"id": "", "name": "here"}]
UPLOADS = ["abcdefghijklmnopqrst_-", "ABCDEFGHIJKLMNOPQRST01"]
GOOD: dict[str, dict[str, Any]] = {
    "join": {
        "room": "lobby",
        "since": {"stream": "s", "seq": 4},
        "limit": 50,
        "attachment": {"colour": "red"},
    },
    "leave": {"room": "lobby"},
    "message": {
        "room": "lobby",
        "client_id": "c-1_A",
        "content": "hi",
        "retry": True,
        "reply_to": TARGET,
        "mentions": MENTIONS,
        "uploads": UPLOADS,
    },
    "edit": {
        "room": "lobby",
        "client_id": "c",
        "target": TARGET,
        "content": "hi",
        "mentions": MENTIONS,
        "rev": 4,
        "retry": True,
        "uploads": UPLOADS,
    },
    "delete": {"room": "lobby", "client_id": "c", "target": TARGET, "retry": True},
    "react": {"room": "lobby", "target": TARGET, "emoji": "👍", "on": True},
    "reactions": {"room": "lobby", "target": TARGET},
    "history": {"room": "lobby", "before": 9, "limit": 200},
    "search": {"room": "lobby", "q": "good morning", "before": 9, "limit": 50},
    "lookup": {"room": "lobby", "client_ids": ["a", "b"]},
    "presence": {"room": "lobby"},
    "typing": {"room": "lobby", "on": True},
    "read": {"room": "lobby", "seq": 7},
    "attach": {"room": "lobby", "value": [1], "version": 3},
    "ping": {"t": 1.5, "heads": {"lobby": 3}},
}
WRONG = {
    "text": "x\x00",
    "a number": 7.5,
    "a negative number": -1,
    "a huge number": 2**53,
    "true": True,
    "null": None,
    "a list": [{}],
    "an object": {"\x00": []},
    "bytes": b"x",
}
FREE = {("join", "attachment"), ("attach", "value")}  # any JSON
RIGHT_AFTER_ALL = {
    ("message", "retry", "true"),
    ("message", "reply_to", "null"),
    ("message", "mentions", "null"),
    ("edit", "mentions", "null"),
    ("message", "uploads", "null"),
    ("edit", "uploads", "null"),
    ("edit", "retry", "true"),
    ("edit", "rev", "null"),
    ("delete", "retry", "true"),
    ("react", "on", "true"),
    ("typing", "on", "true"),
    ("ping", "t", "a number"),
    ("ping", "t", "a negative number"),
    ("ping", "t", "a huge number"),
    ("join", "since", "null"),
    ("history", "before", "null"),
    ("search", "before", "null"),
    ("attach", "version", "null"),
}


def parsed(kind: type[Kind], payload: object) -> Kind:
    request = parse(kind.event, [payload])
    assert isinstance(request, kind)
    return request


def test_every_event_of_the_protocol_has_a_good_example_here() -> None:
    assert GOOD.keys() == REQUESTS.keys()


@pytest.mark.parametrize("name", GOOD)
def test_a_good_payload_becomes_a_request_of_its_event(name: str) -> None:
    request = parse(name, [GOOD[name]])

    assert type(request) is REQUESTS[name]
    nested = {"since", "target", "reply_to", "mentions"}
    assert {field: getattr(request, field) for field in GOOD[name] if field not in nested} == {
        field: value for field, value in GOOD[name].items() if field not in nested
    }


@pytest.mark.parametrize(
    ("name", "field", "kind"),
    [
        (name, field, kind)
        for name, payload in GOOD.items()
        for field in payload
        for kind in WRONG
        if (name, field, kind) not in RIGHT_AFTER_ALL and (name, field) not in FREE
    ],
)
def test_every_field_with_every_wrong_type_is_a_bad_request_that_names_it(
    name: str, field: str, kind: str
) -> None:
    with pytest.raises(BadRequest) as refused:
        parse(name, [{**GOOD[name], field: WRONG[kind]}])
    assert refused.value.field is not None
    assert refused.value.field.split(".")[0] == field


@pytest.mark.parametrize(("name", "field"), [(n, f) for n in GOOD for f in REQUESTS[n].__struct_fields__])
def test_a_missing_field_is_named_unless_it_may_be_missing(name: str, field: str) -> None:
    payload = {key: value for key, value in GOOD[name].items() if key != field}
    required = {"room", "client_id", "content", "client_ids", "on", "t", "target", "emoji", "q"} | (
        {"seq"} if name == "read" else set()
    )
    if name == "attach" and field == "value":
        required = {"value"}

    if field in required:
        with pytest.raises(BadRequest) as refused:
            parse(name, [payload])
        assert refused.value.field == field
    else:
        parse(name, [payload])


@pytest.mark.parametrize("args", [[], [{"t": 1}, {}], ["text"], [None], [[]], [5], [b"x"], [{"t": 1}, None]])
def test_an_event_carries_exactly_one_object(args: list[object]) -> None:
    with pytest.raises(BadRequest):
        parse("ping", args)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "connect",
        "disconnect",
        "__init__",
        "on_message",
        "Message",
        "message ",
        "x" * 10_000,
        5,
        None,
        [],
        {},
        True,
        b"join",
    ],
)
def test_a_name_that_is_no_event_is_unknown(name: str) -> None:
    with pytest.raises(UnknownEvent):
        parse(name, [{}])


@pytest.mark.parametrize("name", sorted(NOT_OFFERED))
def test_events_of_features_that_are_not_built_are_unsupported(name: str) -> None:
    with pytest.raises(Unsupported):
        parse(name, [{"room": "lobby"}])


@pytest.mark.parametrize("name", ["message", "edit"])
@pytest.mark.parametrize(
    "value",
    [
        ["u1"],
        ["x" * 23],
        ["a/bcdefghijklmnopqrstu"],
        [UPLOADS[0]] * 2,
        [f"{n:022}" for n in range(11)],
        {},
        "x",
    ],
)
def test_files_are_named_by_their_ids_each_once_and_ten_at_most(name: str, value: object) -> None:
    with pytest.raises(BadRequest) as refused:
        parse(name, [{**GOOD[name], "uploads": value}])
    assert refused.value.field == "uploads"


@pytest.mark.parametrize("name", ["message", "edit"])
def test_only_beside_files_a_text_is_empty(name: str) -> None:
    parse(name, [{**GOOD[name], "content": ""}])
    with pytest.raises(Empty):
        parse(name, [{**GOOD[name], "content": "", "uploads": []}])
    with pytest.raises(Empty):
        parse(name, [{**GOOD[name], "content": " \u200b"}])


def test_an_edit_that_names_no_files_keeps_what_the_message_has() -> None:
    def command(**more: Any) -> EditMessage:
        request = parse("edit", [{**GOOD["edit"], "uploads": None, "mentions": None, **more}])
        assert isinstance(request, EditRequest)
        return edit_command(request, "u_ana")

    assert type(command()) is EditMessage, "as an owner of the version before understands it"
    kept, emptied = command(uploads=UPLOADS), command(content="")
    assert isinstance(kept, EditFiles)
    assert isinstance(emptied, EditFiles)
    assert (kept.uploads, emptied.uploads) == (tuple(UPLOADS), None)


def test_a_client_that_asks_for_nothing_special_is_not_refused_for_it() -> None:
    parse("message", [{**GOOD["message"], "reply_to": None, "uploads": []}])


@pytest.mark.parametrize("field", ["seq", "ts", "user", "user_id", "sender", "role", "author", "name", "id"])
def test_who_and_when_are_not_the_clients_to_say(field: str) -> None:
    assert parse("message", [{**GOOD["message"], field: "u_root"}]) == parse("message", [GOOD["message"]])


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("", Empty),
        (" \t\n\u2003\u00a0", Empty),
        ("x" * 4_001, TooLong),
        ("🙂" * 4_001, TooLong),
        ("a\x00b", BadRequest),
        ("a\ud800", BadRequest),
    ],
)
def test_content_is_refused_with_its_own_code(content: str, error: type[ChatError]) -> None:
    with pytest.raises(error) as refused:
        parse("message", [{**GOOD["message"], "uploads": None, "content": content}])
    assert refused.value.field == "content"


@pytest.mark.parametrize(
    "content", ["x", "🙂" * 4_000, " spaces stay ", "e\u0301", "a\nb\tc", "<b>&amp;", "\u202eabc"]
)
def test_content_stays_exactly_as_it_was_written(content: str) -> None:
    assert parsed(MessageRequest, {**GOOD["message"], "content": content}).content == content


@pytest.mark.parametrize("client_id", ["", "a" * 65, "a b", "a\n", "é", "a/b", "a.b", "\x00"])
def test_a_client_id_has_a_narrow_alphabet(client_id: str) -> None:
    for name, payload in (
        ("message", {**GOOD["message"], "client_id": client_id}),
        ("lookup", {"room": "lobby", "client_ids": ["good", client_id]}),
    ):
        with pytest.raises(BadRequest):
            parse(name, [payload])


@pytest.mark.parametrize(
    ("sent", "known"),
    [
        ("lobby", "lobby"),
        ("  lobby ", "lobby"),
        ("Cafe\u0301", "Café"),
        ("a  b", "a  b"),
        ("x" * 64, "x" * 64),
        ("e\u0301" * 64, "é" * 64),
        ("🙂", "🙂"),
        ("...", "..."),
        ("%2F", "%2F"),
    ],
)
def test_two_spellings_of_a_room_are_one_room(sent: str, known: str) -> None:
    assert normal_room_id(sent) == known
    assert parse("ping", [{"t": 1, "heads": {sent: 3}}]) == PingRequest(t=1, heads={known: 3})


@pytest.mark.parametrize(
    "room",
    [
        "",
        "   ",
        "a/b",
        ".",
        "..",
        " .. ",
        "x" * 65,
        "a\nb",
        "a\x00",
        "\x7f",
        "a\u0085b",
        "a\u2028b",
        "\u202eabc",
        "\ud800",
    ],
)
def test_a_room_id_that_could_fool_somebody_is_refused(room: str) -> None:
    with pytest.raises(BadRequest) as refused:
        parse("join", [{"room": room}])
    assert refused.value.field == "room"


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "x" * 33,
        "A\nB",
        "\u200b\u200d",
        "\u0301",
        "\u2066x",
        "A\x00",
        "\udc00",
        "\u2800",
        "\u3164",
        "\u115f\u1160",
        "\uffa0",
    ],
)
def test_a_name_nobody_can_see_or_read_is_refused(name: str) -> None:
    with pytest.raises(BadRequest) as refused:
        parse_sign_in({"name": name})
    assert refused.value.field == "name"


@pytest.mark.parametrize("name", ["Ana\ue000", "A\ufdd0", "\U0010ffff", "Ana\u0378"], ids=ascii)
def test_a_name_of_characters_that_are_private_or_nobody_s_is_refused(name: str) -> None:
    with pytest.raises(BadRequest) as refused:
        parse_sign_in({"name": name})
    assert refused.value.field == "name"


def test_a_new_room_has_no_characters_that_cannot_be_seen_and_an_old_one_may() -> None:
    assert normal_room_id("lobby\u200b") == "lobby\u200b"
    check_new_room_id("👩\u200d👩\u200d👧 ❤\ufe0f")
    with pytest.raises(BadRequest) as refused:
        check_new_room_id("lobby\u200b")
    assert refused.value.field == "room"


def test_a_name_is_known_in_one_form() -> None:
    assert parse_sign_in({"name": " Zoe\u0308 ", "id": "u_1"}).name == "Zoë"
    assert normal_name("👩‍👩‍👧") == "👩‍👩‍👧"
    assert normal_name("Ana\u2800") == "Ana\u2800"
    assert normal_name("a/b") == "a/b"


UNSEEN = [case["text"] for case in SIGHT["cases"] if case["showsNothing"]]


@pytest.mark.parametrize("text", UNSEEN, ids=ascii)
def test_what_shows_nothing_is_no_message_in_any_dialect_and_no_name(text: str) -> None:
    with pytest.raises(Empty):
        parse("message", [{"room": "lobby", "client_id": "c", "content": text}])
    with pytest.raises(Empty):
        parse_plain(json.dumps({"type": "message", "content": text}))
    with pytest.raises(Empty):
        parse_post("lobby", "c", {"content": text})
    with pytest.raises(BadRequest):
        parse_sign_in({"name": text})


@pytest.mark.parametrize("user_id", ["", "x" * 65, "a\n", "\x00", "\ud800", "\u200b"])
def test_a_user_id_of_the_plain_dialect_is_printable(user_id: str) -> None:
    assert checked_user_id("u 1/é@x") == "u 1/é@x"
    with pytest.raises(BadRequest):
        checked_user_id(user_id)


@pytest.mark.parametrize("limit", [0, 201, -1])
def test_a_page_has_its_bounds(limit: int) -> None:
    with pytest.raises(BadRequest):
        parse("history", [{"room": "lobby", "limit": limit}])


def test_history_goes_one_way_at_a_time() -> None:
    with pytest.raises(BadRequest):
        parse("history", [{"room": "lobby", "before": 1, "after": 0}])


def test_too_many_of_anything_are_refused() -> None:
    with pytest.raises(BadRequest) as ids:
        parse("lookup", [{"room": "lobby", "client_ids": ["a"] * 101}])
    with pytest.raises(BadRequest) as heads:
        parse("ping", [{"t": 1, "heads": {str(n): n for n in range(51)}}])
    with pytest.raises(TooLong) as attachment:
        parse("join", [{"room": "lobby", "attachment": "x" * 16_384}])

    assert [e.value.field for e in (ids, heads, attachment)] == ["client_ids", "heads", "attachment"]


def test_an_attachment_is_set_or_merged_or_kept() -> None:
    assert parsed(JoinRequest, {"room": "lobby", "attachment": None}).attachment_text is None
    assert parsed(AttachRequest, {"room": "lobby", "value": None}).text == "null"
    merge = parsed(AttachRequest, {"room": "lobby", "merge": {"a": None}})
    assert (merge.is_merge, merge.text) == (True, '{"a":null}')

    for wrong in ({}, {"value": 1, "merge": {}}, {"merge": [1]}):
        with pytest.raises(BadRequest):
            parse("attach", [{"room": "lobby", **wrong}])


def test_a_send_over_http_is_a_message_that_may_be_a_repeat() -> None:
    message = parse_post(" lobby", "c1", {"content": "hi", "client_id": "other", "room": "other"})

    assert (message.room, message.client_id, message.content, message.retry) == ("lobby", "c1", "hi", True)


@pytest.mark.parametrize(
    ("key", "body", "field"),
    [
        (None, {"content": "hi"}, "Idempotency-Key"),
        ("", {"content": "hi"}, "Idempotency-Key"),
        ("a b", {"content": "hi"}, "client_id"),
        ("c1", {}, "content"),
        ("c1", {"content": 1}, "content"),
        ("c1", [], None),
    ],
)
def test_a_send_over_http_is_refused_with_the_field(key: str | None, body: object, field: str | None) -> None:
    with pytest.raises(BadRequest) as refused:
        parse_post("lobby", key, body)
    assert refused.value.field == field


def test_history_numbers_in_a_url_are_text() -> None:
    asked = parse_query(HistoryRequest, "lobby", {"after": "5", "x": "y", "room": "another"})
    assert (asked.room, asked.after) == ("lobby", 5)
    for query in (
        {"after": "x"},
        {"limit": "1e3"},
        {"before": "-1"},
        {"before": "1; DROP TABLE"},
        {"limit": ""},
    ):
        with pytest.raises(BadRequest) as refused:
            parse_query(HistoryRequest, "lobby", query)
        assert refused.value.field == next(iter(query))


def test_the_plain_dialect_can_say_one_thing() -> None:
    assert parse_plain('{"type":"message","content":"hi","userId":"u_root"}').content == "hi"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('{"type":"message"}', BadRequest),
        ('{"type":"message","content":4}', BadRequest),
        ('{"type":"message","content":" "}', Empty),
        ('{"type":"message","content":"' + "x" * 4001 + '"}', TooLong),
        ('{"type":"presence"}', UnknownEvent),
        ('{"content":"hi"}', UnknownEvent),
        ('{"type":["message"]}', UnknownEvent),
        ("[]", BadRequest),
        ('"ping"', BadRequest),
        ("pong", BadRequest),
        ("", BadRequest),
        (b"\xff", BadRequest),
    ],
)
def test_the_plain_dialect_answers_bad_input_with_a_code(text: str, error: type[ChatError]) -> None:
    with pytest.raises(error):
        parse_plain(text)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(name=st.sampled_from(sorted(GOOD)), noise=JSON_VALUES, pick=st.integers(0, 5))
def test_whatever_is_sent_becomes_a_request_or_a_refusal(name: str, noise: object, pick: int) -> None:
    fields = list(GOOD[name])
    for payload in (noise, {**GOOD[name], fields[pick % len(fields)]: noise}):
        try:
            request = parse(name, [payload])
        except ChatError:
            continue
        assert isinstance(request, REQUESTS[name])


def test_the_largest_lawful_message_fits_into_a_frame_even_escaped() -> None:
    text = '["message",{"room":"r","client_id":"c","content":"' + "\\ud83d\\ude42" * 4_000 + '"}]'
    name, payload = decode_json(text)

    assert len(text) < 64 * 1024
    assert name == "message"
    assert parsed(MessageRequest, payload).content == "🙂" * 4_000


EMOJI = [
    # as it is sent, and its one form
    *(["👍"] * 2, ["👍\ufe0f", "👍"], ["❤", "❤\ufe0f"], ["❤\ufe0f"] * 2, ["☺", "☺\ufe0f"], ["©", "©\ufe0f"]),
    *(["🇩🇪"] * 2, ["🇺🇳"] * 2, ["7\ufe0f\u20e3"] * 2, ["7\u20e3", "7\ufe0f\u20e3"], ["#\ufe0f\u20e3"] * 2),
    *(["👩‍👩‍👧‍👦"] * 2, ["👩🏽‍❤️‍💋‍👨🏿"] * 2, ["👩‍❤‍👨", "👩‍❤️‍👨"], ["🏳️‍🌈"] * 2, ["🏳‍🌈", "🏳️‍🌈"]),
    *(["👍🏿"] * 2, ["☝🏽"] * 2, ["☝\ufe0f🏽", "☝🏽"], ["🏃🏽‍♀️"] * 2, ["🏃🏽‍♀", "🏃🏽‍♀️"], ["🏽"] * 2),
    *(["🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"] * 2, ["🏴‍☠️"] * 2, ["👁️‍🗨️"] * 2),
    ["\U0001faea"] * 2,  # of a Unicode that Python does not know
]


@pytest.mark.parametrize(("sent", "known"), EMOJI)
def test_an_emoji_is_one_that_people_see_as_one_and_has_one_form(sent: str, known: str) -> None:
    assert parsed(ReactRequest, {**GOOD["react"], "emoji": sent}).emoji == known


@pytest.mark.parametrize("text", NO_EMOJI)
def test_what_is_not_one_emoji_is_no_reaction(text: str) -> None:
    with pytest.raises(BadRequest) as refused:
        parse("react", [{**GOOD["react"], "emoji": text}])
    assert refused.value.field == "emoji"


@pytest.mark.parametrize("unit", ["👩\u200d", "🇩🇪", "👍🏿", "\U000e0067", "\ufe0f", "7\ufe0f"])
def test_what_is_no_emoji_is_refused_at_once_however_long(unit: str) -> None:
    begun = time.thread_time()  # which goes on only while this thread does
    with pytest.raises(BadRequest):
        normal_emoji(unit * 2_000)
    assert time.thread_time() - begun < 0.005


def test_a_change_over_http_names_its_message_by_its_place_and_its_id() -> None:
    with pytest.raises(BadRequest) as refused:
        parse_deletion("lobby", 4, "k", None)
    assert refused.value.field == "id"
    with pytest.raises(BadRequest) as refused:
        parse_deletion("lobby", 4, None, "m4")
    assert refused.value.field == "Idempotency-Key"
    edit = parse_patch("lobby", 4, "k", {"id": "m4", "content": "x"})
    assert (edit.target.as_id(), edit.retry) == (TargetId(seq=4, id="m4"), True)
