"""The chat without a socket: signing in, sending, reading; every refusal in its one form."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from chatapp.errors import RateLimited
from chatapp.factory import WebNode
from chatapp.identity import People
from chatapp.kernel.router import Router
from chatapp.limits import FRAME_BYTES
from chatapp.limits.rates import Rates
from chatapp.rooms.commands import Join, Member
from chatapp.runtime import Promise, boottime
from tests.contracts.worlds import DatabaseWorld
from tests.integration.http_node import COOKIE, PAGE, Visitor, running_node

_addresses = count(1)


@pytest.fixture(scope="module")
def web_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebNode]:
    with running_node(tmp_path_factory.mktemp("node"), CHAT_TRUSTED_PROXIES="10.0.0.0/8") as web_node:
        yield web_node


@pytest.fixture
def stranger(web_node: WebNode) -> Visitor:
    return Visitor(web_node, f"198.51.100.{next(_addresses)}")


@pytest.fixture
def ana(stranger: Visitor) -> Visitor:
    return stranger.sign_in("Ana")


def refused(answer: Any, status: int, code: str, field: str | None = None) -> dict[str, Any]:
    """Assert that it is a refusal in the one form, and give its error object."""
    body = answer.json
    assert (answer.status_code, body["ok"], body["error"]["code"]) == (status, False, code), answer.data
    assert body["error"].get("field") == field
    assert body["error"].keys() >= {"code", "message", "retryable", "ref"}
    for leak in (b"Traceback", b"SELECT", b"INSERT", b".py", b"sqlite"):
        assert leak not in answer.data
    error: dict[str, Any] = body["error"]
    return error


def cookie_of(answer: Any) -> str:
    (cookie,) = answer.headers.getlist("Set-Cookie")
    return str(cookie)


# --- signing in -----------------------------------------------------------------------------


def test_a_name_makes_a_guest_whose_cookie_no_script_can_read(stranger: Visitor) -> None:
    answer = stranger.ask("POST", "/api/session", json={"name": "  Zoe\u0308 "}, headers=PAGE)

    assert answer.status_code == 200
    assert answer.json["user"]["name"] == "Zoë"
    cookie = cookie_of(answer)
    assert cookie.startswith(f"{COOKIE}={answer.json['token']};")
    assert {part.strip() for part in cookie.split(";")[1:]} >= {
        "HttpOnly",
        "Path=/",
        "SameSite=Lax",
        "Max-Age=2592000",
    }
    assert "Secure" not in cookie


@pytest.mark.parametrize(("peer", "is_secure"), [("10.1.2.3", True), ("203.0.113.9", False)])
def test_behind_a_trusted_proxy_with_tls_the_cookie_is_secure(
    web_node: WebNode, peer: str, is_secure: bool
) -> None:
    headers = {"X-Forwarded-Proto": "https", "Origin": "https://chat.example"}
    answer = Visitor(web_node, peer).ask("POST", "/api/session", json={"name": "Ana"}, headers=headers)

    assert ("Secure" in cookie_of(answer)) == is_secure
    assert ("Strict-Transport-Security" in answer.headers) == is_secure


def test_who_am_i_by_cookie_and_by_bearer(ana: Visitor) -> None:
    by_cookie = ana.ask("GET", "/api/session")
    ana.forget_cookie()
    by_bearer = ana.ask("GET", "/api/session", headers=ana.bearer)

    assert by_cookie.json == by_bearer.json
    assert by_bearer.json["user"] == {"id": ana.user_id, "name": "Ana"}
    assert cookie_of(by_cookie).startswith(f"{COOKIE}={ana.token};")  # so that it lives as long as the token
    assert "Set-Cookie" not in by_bearer.headers


def test_a_second_name_is_a_change_of_name(ana: Visitor) -> None:
    by_cookie = ana.ask("POST", "/api/session", json={"name": "Anna"}, headers=PAGE)
    by_bearer = ana.forget_cookie().ask("POST", "/api/session", json={"name": "Annie"}, headers=ana.bearer)

    for answer, name in ((by_cookie, "Anna"), (by_bearer, "Annie")):
        assert answer.json["token"] == ana.token
        assert answer.json["user"] == {"id": ana.user_id, "name": name}


def test_signing_out_voids_the_token_and_takes_the_cookie(ana: Visitor) -> None:
    answer = ana.ask("DELETE", "/api/session", headers=PAGE)

    assert answer.json == {"ok": True}
    assert cookie_of(answer).startswith(f"{COOKIE}=;")
    refused(ana.ask("GET", "/api/session", headers=ana.bearer), 401, "unauthorized")


def test_a_cookie_that_no_longer_counts_makes_way_for_a_new_guest(ana: Visitor) -> None:
    ana.ask("DELETE", "/api/session", headers=ana.bearer)
    ana.http.set_cookie(COOKIE, ana.token, domain="chat.example")

    answer = ana.ask("POST", "/api/session", json={"name": "Ana"}, headers=PAGE)

    assert answer.status_code == 200
    assert answer.json["user"]["id"] != ana.user_id


def test_a_program_with_a_bad_token_is_told_instead_of_becoming_somebody_else(stranger: Visitor) -> None:
    headers = {"Authorization": "Bearer u_1.nonsense.nonsense"}

    refused(stranger.ask("POST", "/api/session", json={"name": "Ana"}, headers=headers), 401, "unauthorized")


PRIVATE = [
    ("GET", "/api/session"),
    ("DELETE", "/api/session"),
    ("GET", "/api/rooms"),
    ("GET", "/api/rooms/lobby/events"),
    ("POST", "/api/rooms/lobby/messages"),
    ("POST", "/api/rooms/lobby/search"),
]


@pytest.mark.parametrize(
    "authorization", [None, "Bearer", "Bearer ", "Bearer x", "Basic YTpi", "bearer \t.."]
)
@pytest.mark.parametrize(("method", "path"), PRIVATE)
def test_without_a_good_token_nothing_is_told(
    stranger: Visitor, method: str, path: str, authorization: str | None
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}

    refused(stranger.ask(method, path, headers=headers), 401, "unauthorized")


def test_a_token_in_the_address_is_no_token(ana: Visitor) -> None:
    ana.forget_cookie()

    refused(ana.ask("GET", f"/api/session?token={ana.token}"), 401, "unauthorized")


# --- sending --------------------------------------------------------------------------------


def test_a_message_is_stored_once_and_read_by_others(web_node: WebNode, ana: Visitor) -> None:
    first = ana.say("sending", "hello", "key-1")
    again = ana.say("sending", "hello", "key-1")
    ben = Visitor(web_node).sign_in("Ben")

    assert (first.json["seq"], first.json["duplicate"]) == (1, False)
    assert (again.json["seq"], again.json["duplicate"]) == (1, True)
    (event,) = ben.read("sending").json["events"]
    assert event["body"] == {"content": "hello"}
    assert event["user"] == {"id": ana.user_id, "name": "Ana"}
    assert (event["seq"], event["id"], event["client_id"]) == (1, first.json["id"], "key-1")


def test_the_author_is_the_token_s_whatever_the_body_says(ana: Visitor) -> None:
    answer = ana.ask(
        "POST",
        "/api/rooms/authors/messages?userId=u_2&username=Eve",
        json={
            "content": "hi",
            "user": {"id": "u_2", "name": "Eve"},
            "user_id": "u_2",
            "seq": 99,
            "ts": 1,
            "role": "admin",
        },
        headers=ana.bearer | {"Idempotency-Key": "k"},
    )

    (event,) = ana.read("authors").json["events"]
    assert answer.json["seq"] == event["seq"] == 1
    assert event["user"] == {"id": ana.user_id, "name": "Ana"}
    assert event["ts"] > 1_700_000_000_000


def test_the_same_key_with_other_content_is_a_conflict(ana: Visitor) -> None:
    ana.say("conflicts", "hello", "key-1")

    refused(ana.say("conflicts", "goodbye", "key-1"), 409, "conflict")


def test_two_people_may_use_the_same_key(web_node: WebNode, ana: Visitor) -> None:
    ben = Visitor(web_node).sign_in("Ben")

    assert [who.say("keys", "hello", "key-1").json["seq"] for who in (ana, ben)] == [1, 2]


def test_two_spellings_of_a_room_are_one_room(ana: Visitor) -> None:
    ana.say("caf%C3%A9", "composed", "1")
    ana.say("cafe%CC%81", "decomposed", "2")

    assert [e["body"]["content"] for e in ana.read("caf%C3%A9").json["events"]] == ["composed", "decomposed"]


@pytest.mark.parametrize("key", [None, "", " ", "a b", "ä", "x" * 65, "a/b"])
def test_a_send_without_a_proper_key_is_a_bad_request(ana: Visitor, key: str | None) -> None:
    headers = ana.bearer | ({} if key is None else {"Idempotency-Key": key})
    answer = ana.ask("POST", "/api/rooms/lobby/messages", json={"content": "hi"}, headers=headers)

    assert answer.json["error"]["code"] == "bad_request"
    assert answer.status_code == 400


def test_the_eleventh_message_of_a_burst_waits(ana: Visitor) -> None:
    began_at = boottime()
    for said in range(200):
        answer = ana.say("bursts", f"message {said}", f"k{said}")
        if answer.status_code != 200:
            break
    assert 10 <= said <= 10 + (boottime() - began_at) + 1

    error = refused(answer, 429, "rate_limited")
    assert error["retryable"]
    assert 0 < error["retry_after_ms"] <= 1_000
    assert answer.headers["Retry-After"] == "1"
    assert ana.read("bursts").json["head"] == said


def test_what_is_no_message_uses_up_no_message(ana: Visitor) -> None:
    for n in range(12):
        headers = ana.bearer | {"Idempotency-Key": f"k{n}"}
        answer = ana.ask("POST", "/api/rooms/empty/messages", json={"content": ""}, headers=headers)
        refused(answer, 400, "empty", "content")

    assert ana.say("empty", "something", "k").status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/session"),
        ("DELETE", "/api/session"),
        ("GET", "/api/rooms"),
        ("GET", "/api/rooms/lobby/events"),
        ("POST", "/api/rooms/lobby/messages"),
        ("POST", "/api/rooms/lobby/search"),
    ],
)
def test_who_has_asked_too_much_costs_the_table_of_users_nothing(
    ana: Visitor, monkeypatch: pytest.MonkeyPatch, method: str, path: str
) -> None:
    asked: list[str] = []

    def too_fast(_rates: Rates, user_id: str) -> None:
        asked.append(user_id)
        raise RateLimited(retry_after_ms=50)

    monkeypatch.setattr(Rates, "check_request", too_fast)
    monkeypatch.setattr(People, "verify", lambda *_: pytest.fail("the table was asked"))

    refused(ana.ask(method, path, headers=ana.bearer), 429, "rate_limited")
    assert asked == [ana.user_id]


def test_the_sixth_new_room_waits(ana: Visitor) -> None:
    for n in range(5):
        assert ana.say(f"new-{n}", "first", "k").status_code == 200

    answer = ana.say("new-5", "first", "k")

    refused(answer, 429, "rate_limited")
    refused(ana.read("new-5"), 404, "room_not_found")
    assert ana.say("new-0", "second", "k2").json["seq"] == 2


def test_a_new_room_s_name_is_seen_whole_and_one_that_exists_stays_in_reach(tmp_path: Path) -> None:
    with running_node(tmp_path) as web_node:
        ana = Visitor(web_node).sign_in()
        world = DatabaseWorld(f"sqlite:///{tmp_path / 'chat.db'}")
        world.release(world.acquire("old\u200b", world.node()).lease)
        world.close()

        refused(ana.say("new%E2%80%8B", "hi", "k"), 400, "bad_request", "room")
        refused(ana.read("new%E2%80%8B"), 404, "room_not_found")
        assert ana.say("old%E2%80%8B", "hi", "k").json["seq"] == 1
        assert ana.say("%F0%9F%91%A9%E2%80%8D%F0%9F%91%A7", "hi", "k").status_code == 200


@pytest.mark.parametrize(("switch", "status"), [("on", 426), ("off", 404)])
def test_the_plain_dialect_can_be_switched_off(tmp_path: Path, switch: str, status: int) -> None:
    with running_node(tmp_path, CHAT_PLAIN_DIALECT=switch) as web_node:
        answer = Visitor(web_node).ask("GET", "/api/chat/lobby?userId=1&username=Ana")

    assert answer.status_code == status


def test_what_strangers_get_wrong_fills_no_log(stranger: Visitor, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "chatapp")

    for _ in range(300):
        bad = {"Authorization": "Bearer u_1.nonsense.x"}
        refused(stranger.ask("GET", "/api/session", headers=bad), 401, "unauthorized")

    assert caplog.records == []


# --- reading --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def long_room(web_node: WebNode) -> str:
    author = Visitor(web_node, "192.0.2.77").sign_in("Author")
    for n in range(1, 9):
        assert author.say("long", f"message {n}", f"k{n}").status_code == 200
    return "long"


@pytest.mark.parametrize(
    ("query", "seqs", "before", "after"),
    [
        ("", [1, 2, 3, 4, 5, 6, 7, 8], False, False),
        ("?limit=3", [6, 7, 8], True, False),
        ("?before=6&limit=2", [4, 5], True, True),
        ("?after=6", [7, 8], True, False),
        ("?after=0&limit=2", [1, 2], False, True),
        ("?around=4&limit=4", [3, 4, 5, 6], True, True),
        ("?after=8", [], False, False),
        ("?before=1", [], False, False),
    ],
)
def test_a_page_of_the_log(
    ana: Visitor, long_room: str, query: str, seqs: list[int], before: bool, after: bool
) -> None:
    page = ana.read(long_room, query).json

    assert [event["seq"] for event in page["events"]] == seqs
    assert (page["from"], page["to"]) == ((seqs[0], seqs[-1]) if seqs else (None, None))
    assert (page["head"], page["floor"]) == (8, 1)
    assert (page["more_before"], page["more_after"]) == (before, after)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?before=1&after=2", "after"),
        ("?before=x", "before"),
        ("?before=-1", "before"),
        ("?after=1.5", "after"),
        ("?after=", "after"),
        ("?after=9007199254740992", "after"),
        ("?after=" + "9" * 5_000, "after"),
        ("?around=1%20OR%201=1", "around"),
        ("?around=1;DROP%20TABLE%20events", "around"),
        ("?around='", "around"),
        ("?limit=0", "limit"),
        ("?limit=201", "limit"),
        ("?limit=NaN", "limit"),
        ("?limit=%00", "limit"),
    ],
)
def test_a_cursor_that_is_none_is_a_bad_request(ana: Visitor, query: str, field: str) -> None:
    refused(ana.read("lobby", query), 400, "bad_request", field)


def test_reading_creates_no_room_and_wakes_none(web_node: WebNode, ana: Visitor) -> None:
    for path in ("/chat/never", "/", "/docs", "/metrics", "/readyz"):
        assert ana.ask("GET", path).status_code == 200
    refused(ana.read("never"), 404, "room_not_found")
    ana.ask("GET", "/api/rooms")
    refused(ana.read("never"), 404, "room_not_found")

    assert not web_node.node.is_awake("never")


def search(ana: Visitor, room: str, body: Any) -> Any:
    return ana.ask("POST", f"/api/rooms/{room}/search", json=body, headers=ana.bearer)


def test_a_log_is_searched_backwards(ana: Visitor, long_room: str) -> None:
    newest = search(ana, long_room, {"q": "MESSAGE", "limit": 3}).json
    older = search(ana, long_room, {"q": "message", "before": newest["searched_to"]}).json

    assert [event["seq"] for event in newest["events"]] == [8, 7, 6]
    assert (newest["searched_to"], newest["more_before"]) == (6, True)
    assert [event["seq"] for event in older["events"]] == [5, 4, 3, 2, 1]
    assert (older["searched_to"], older["more_before"]) == (1, False)
    assert older["events"][-1]["body"] == {"content": "message 1"}
    nothing = search(ana, long_room, {"q": '"ssage 9"'}).json
    assert (nothing["events"], nothing["searched_to"], nothing["more_before"]) == ([], 1, False)


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        ({}, 400, "bad_request", "q"),
        ({"q": 7}, 400, "bad_request", "q"),
        ({"q": "a\x01"}, 400, "bad_request", "q"),
        ({"q": '""'}, 400, "empty", "q"),
        ({"q": "x" * 201}, 413, "too_long", "q"),
        ({"q": "x", "limit": 51}, 400, "bad_request", "limit"),
        ({"q": "x", "before": -1}, 400, "bad_request", "before"),
        ([], 400, "bad_request", None),
    ],
)
def test_what_cannot_be_looked_for_is_refused(
    ana: Visitor, long_room: str, body: Any, status: int, code: str, field: str | None
) -> None:
    refused(search(ana, long_room, body), status, code, field)


def test_a_search_creates_no_room_and_wakes_none(ana: Visitor, web_node: WebNode) -> None:
    refused(search(ana, "nowhere", {"q": "x"}), 404, "room_not_found")
    assert not web_node.node.is_awake("nowhere")


def test_the_rooms_one_was_in_say_what_is_unread(web_node: WebNode, ana: Visitor, long_room: str) -> None:
    assert ana.ask("GET", "/api/rooms", headers=ana.bearer).json == []
    joined: Promise[Any] = Promise()
    member = Member(
        user_id=ana.user_id, name="Ana", device="d", connection_id="c", node_id=web_node.node.node_id
    )
    Router(web_node.node).send(Join(room_id=long_room, member=member), joined.resolve)
    joined.wait(10)

    rooms = ana.ask("GET", "/api/rooms", headers=ana.bearer).json

    assert rooms == [{"id": "long", "head": 8, "read": 0, "unread": 8, "mentions": 0}]


# --- bad input ------------------------------------------------------------------------------

BODIES: dict[str, bytes] = {
    "nothing": b"",
    "a word": b"hello",
    "half an object": b'{"content": "hi"',
    "two objects": b'{"content":"hi"}{"content":"hi"}',
    "single quotes": b"{'content':'hi'}",
    "a trailing comma": b'{"content":"hi",}',
    "a comment": b'{"content":"hi"/**/}',
    "NaN": b'{"content":NaN}',
    "NaN where nobody looks": b'{"content":"hi","x":NaN}',
    "infinity": b'{"content":"hi","x":-Infinity}',
    "a float that overflows": b'{"content":"hi","x":1e999}',
    "duplicate keys": b'{"content":"hi","content":"ho"}',
    "duplicate keys within": b'{"content":"hi","x":{"y":1,"y":2}}',
    "NUL": b'{"content":"a\\u0000b"}',
    "a lone surrogate": b'{"content":"\\ud800"}',
    "a lone surrogate in a key": b'{"content":"hi","\\udfff":1}',
    "not UTF-8": b'{"content":"\xff\xfe"}',
    "Latin-1": b'{"content":"caf\xe9"}',
    "UTF-16": '{"content":"hi"}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"content":"hi"}',
    "33 levels": b'{"content":"hi","x":' + b"[" * 33 + b"]" * 33 + b"}",
    "30,000 brackets": b"[" * 30_000,
    "30,000 braces": b'{"a":' * 10_000,
    "5,000 digits": b'{"content":"hi","x":' + b"9" * 5_000 + b"}",
    "2^53": b'{"content":"hi","x":9007199254740992}',
    "a list": b"[]",
    "a text": b'"hi"',
    "a number": b"1",
    "null": b"null",
    "an empty object": b"{}",
    "content null": b'{"content":null}',
    "content a number": b'{"content":1}',
    "content true": b'{"content":true}',
    "content a list": b'{"content":["hi"]}',
    "content an object": b'{"content":{"text":"hi"}}',
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_body_that_is_no_message_is_a_bad_request_and_stores_nothing(
    web_node: WebNode, stranger: Visitor, body: bytes
) -> None:
    eve = stranger.sign_in("Eve")
    headers = eve.bearer | {"Idempotency-Key": "k", "Content-Type": "application/json"}

    answer = eve.ask("POST", "/api/rooms/bad-bodies/messages", data=body, headers=headers)

    assert answer.status_code == 400
    assert answer.json["error"]["code"] == "bad_request"
    refused(eve.read("bad-bodies"), 404, "room_not_found")


@pytest.mark.parametrize(
    "name",
    [
        "",
        "   ",
        "\u200b",
        "x" * 33,
        "a\nb",
        "a\x00b",
        "a\u202eb",
        "\x7f",
        "\u2028",
        "\ud800",
        None,
        1,
        [],
        {},
    ],
)
def test_a_name_that_is_none_is_refused(stranger: Visitor, name: object) -> None:
    headers = PAGE | {"Content-Type": "application/json"}
    answer = stranger.ask("POST", "/api/session", data=json.dumps({"name": name}), headers=headers)

    assert answer.json["error"]["code"] == "bad_request"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "content_type",
    [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"],
)
def test_what_a_form_can_send_is_not_read(stranger: Visitor, content_type: str | None) -> None:
    """A form on another site may be sent without asking us; JSON may not."""
    headers = {} if content_type is None else {"Content-Type": content_type}
    answer = stranger.ask("POST", "/api/session", data=b'{"name":"Ana"}', headers=headers)

    refused(answer, 400, "bad_request")


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        ("", 400, "empty"),
        (" \n\t\u3000", 400, "empty"),
        ("x" * 4_001, 413, "too_long"),
        ("😀" * 4_001, 413, "too_long"),
    ],
)
def test_text_that_is_no_message_is_refused(ana: Visitor, content: str, status: int, code: str) -> None:
    refused(ana.say("texts", content, "k"), status, code, "content")


def test_four_thousand_emoji_are_a_message(ana: Visitor) -> None:
    assert ana.say("emoji", "😀" * 4_000, "k").status_code == 200
    assert ana.read("emoji").json["events"][0]["body"]["content"] == "😀" * 4_000


def test_a_message_names_no_file_that_is_not_there(ana: Visitor) -> None:
    answer = ana.ask(
        "POST",
        "/api/rooms/lobby/messages",
        json={"content": "hi", "uploads": ["abcdefghijklmnopqrstuv"]},
        headers=ana.bearer | {"Idempotency-Key": "k"},
    )

    refused(answer, 404, "upload_unknown", "uploads")


def test_a_body_over_the_limit_is_not_read(ana: Visitor) -> None:
    headers = ana.bearer | {"Idempotency-Key": "k", "Content-Type": "application/json"}
    body = b'{"content":"' + b"x" * FRAME_BYTES + b'"}'

    refused(ana.ask("POST", "/api/rooms/lobby/messages", data=body, headers=headers), 413, "too_long")


ROOMS_THAT_CANNOT_BE = {
    "%00": 400,
    "a%0Ab": 400,
    "%7F": 400,
    "%C2%85": 400,
    "%E2%80%AE": 400,
    "%20": 400,
    "%2E%20": 400,
    "%20..": 400,
    "x" * 65: 400,
    "%F0%9F%98%80" * 65: 400,
    "a/b": 404,
    "a%2Fb": 404,
    "x/../../etc/passwd": 404,
}


@pytest.mark.parametrize(("room", "status"), ROOMS_THAT_CANNOT_BE.items())
def test_a_room_that_cannot_be_has_no_page_and_no_log(ana: Visitor, room: str, status: int) -> None:
    page = ana.ask("GET", f"/chat/{room}")
    log = ana.read(room)
    post = ana.say(room, "hi", "k")

    assert [answer.status_code for answer in (page, log, post)] == [status] * 3
    assert page.mimetype == "text/html"
    assert "Choose a room" in page.text
    assert all(answer.json["ok"] is False for answer in (log, post))


@pytest.mark.parametrize("raw", ["\xff", "caf\xe9", "\xed\xa0\x80", "\xc0\xaf"])
def test_a_path_that_is_not_utf_8_names_no_room(stranger: Visitor, raw: str) -> None:
    page = stranger.ask("GET", "/", environ_overrides={"PATH_INFO": f"/chat/{raw}"})
    log = stranger.sign_in().ask("GET", "/", environ_overrides={"PATH_INFO": f"/api/rooms/{raw}/events"})

    assert page.status_code == 400
    refused(log, 400, "bad_request", "room")


# --- pages and paths ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("/chat", "/"),
        ("/chat/", "/"),
        ("/chat/lobby/", "/chat/lobby"),
        ("/chat/caf%C3%A9//", "/chat/caf%C3%A9"),
        ("/chat/cafe%CC%81", "/chat/caf%C3%A9"),
        ("/chat/%20lobby%20", "/chat/lobby"),
        ("/chat/%20%3Fa%23b%25", "/chat/%3Fa%23b%25"),
    ],
)
def test_a_room_has_one_address(stranger: Visitor, path: str, there: str) -> None:
    answer = stranger.ask("GET", path)

    assert (answer.status_code, answer.headers["Location"]) == (302, there)


@pytest.mark.parametrize(
    ("room", "shown"),
    [
        ("lobby", "lobby"),
        ("caf%C3%A9", "café"),
        ("%F0%9F%98%80", "😀"),
        ("%3Cscript%3Ealert(1)", "&lt;script&gt;alert(1)"),
        ("%22onload%3D%22alert(1)", "&#34;onload=&#34;alert(1)"),
        ("%7B%7B7*7%7D%7D", "{{7*7}}"),
        ("%25FF", "%FF"),
    ],
)
def test_a_room_s_page_shows_its_name_as_text(stranger: Visitor, room: str, shown: str) -> None:
    answer = stranger.ask("GET", f"/chat/{room}")

    assert answer.status_code == 200
    assert f'data-room-id="{shown}"' in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api", 404),
        ("GET", "/api/", 404),
        ("GET", "/api/nothing", 404),
        ("POST", "/api/rooms/lobby", 404),
        ("GET", "/api/rooms/lobby/messages", 405),
        ("PUT", "/api/session", 405),
        ("PATCH", "/api/rooms", 405),
        ("DELETE", "/api/rooms/lobby/events", 405),
    ],
)
def test_what_is_not_there_is_refused_as_an_object(ana: Visitor, method: str, path: str, status: int) -> None:
    answer = ana.ask(method, path, headers=ana.bearer)

    refused(answer, status, "unknown_event")
    assert ("Allow" in answer.headers) == (status == 405)


@pytest.mark.parametrize(
    "path", ["/nothing", "/chat/a/b", "/static/nothing.js", "/static/../app.py", "/docs/x.json"]
)
def test_what_is_not_there_has_a_page(stranger: Visitor, path: str) -> None:
    answer = stranger.ask("GET", path)

    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert "Choose a room" in answer.text
