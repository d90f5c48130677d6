"""What the HTTP edge says when others fail it: the owner, the storage, or its own code."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any, cast

import pytest
from flask import Flask
from flask.testing import FlaskClient

from chatapp import places
from chatapp.access import Access
from chatapp.errors import (
    ChatError,
    Conflict,
    Draining,
    Internal,
    RateLimited,
    RoomBusy,
    RoomNotFound,
    StorageFull,
    StorageUnavailable,
)
from chatapp.identity import People, Proxies, SignInCookie, Tokens
from chatapp.kernel.ports import Reply
from chatapp.limits import EVENTS_PER_CONNECTION
from chatapp.limits.rates import Rates
from chatapp.metrics import Metrics
from chatapp.rooms.commands import Command
from chatapp.rooms.messages.aspect import PostMessage
from chatapp.store.people.sessions import RoomOf
from chatapp.web import Site, install, opening, read_page_files, rooms_api
from tests.fakes.users import FakeUsers

SECRET = "what only the log may know: SELECT * FROM users"


class Edge:
    """The HTTP edge with people of its own, and everything behind it as the test says."""

    def __init__(self) -> None:
        self.users = FakeUsers()
        self.metrics = Metrics()
        self.sent: list[PostMessage] = []
        self.reply: Callable[[Reply], object] = lambda _reply: None
        self.rooms_of: Callable[[str], list[RoomOf]] = lambda _user_id: []
        self.not_ready: str | None = None
        self.relay_trouble: str | None = None
        self.renamed: list[tuple[str, str]] = []
        people = People(
            tokens=Tokens("a key that nobody can guess, for tests"), ask_users=self.users, clock=self.users
        )
        app = Flask("chatapp", template_folder=str(places.TEMPLATES), static_folder=str(places.STATIC))
        install(
            app,
            Site(
                people=people,
                send=self._send,
                access=cast(Access, self),
                not_ready=lambda: self.not_ready,
                relay_trouble=lambda: self.relay_trouble,
                now_ms=self.users.now_ms,
                retention_ms=86_400_000,
                upload_max_bytes=None,
                rates=Rates(lambda: 0.0),
                proxies=Proxies(()),
                cookie=SignInCookie("a key that nobody can guess, for tests"),
                listens_on="0.0.0.0",
                public_url=None,
                allowed_origins=(),
                metrics=self.metrics,
                page_files=read_page_files(places.STATIC, places.TEMPLATES, is_bundled=True),
                on_renamed=lambda *told: self.renamed.append(told),
            ),
        )
        self.http: FlaskClient = app.test_client()
        self.token, _ = people.sign_in("Ana")
        self.headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": "k"}

    def page(self, room_id: str, *, done: Callable[[Any], None], **asked: int | None) -> None:
        self.reply(done)

    def heads(self, room_ids: Sequence[str], *, done: Callable[[Any], None]) -> None:
        self.reply(done)

    def opening(self, room_id: str, user_id: str, *, limit: int, done: Callable[[Any], None]) -> None:
        self.reply(done)

    def people(self, room_id: str, *, named: int, done: Callable[[Any], None]) -> None:
        self.reply(done)

    def post(self, content: str = "hi") -> Any:
        return self.http.post("/api/rooms/lobby/messages", json={"content": content}, headers=self.headers)

    def get(self, path: str) -> Any:
        return self.http.get(path, headers=self.headers)

    def visited(self, user_id: str, *, done: Callable[[Any], None]) -> None:
        done(self.rooms_of(user_id))

    def _send(self, command: Command, reply: Reply) -> None:
        assert isinstance(command, PostMessage)
        self.sent.append(command)
        self.reply(reply)


@pytest.fixture
def edge() -> Edge:
    return Edge()


def test_an_owner_that_does_not_answer_is_unavailable(edge: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms_api, "ANSWER_SECONDS", 0.01)

    answer = edge.post()

    assert answer.status_code == 503
    assert answer.json["error"]["code"] == "owner_unavailable"
    assert answer.json["error"]["retryable"] is True


def test_a_page_comes_without_what_the_storage_does_not_give(
    edge: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "WAIT_SECONDS", 0.01)
    edge.http.set_cookie("chat_token", edge.token)
    silent = edge.http.get("/chat/lobby")
    edge.reply = lambda reply: reply(StorageUnavailable())
    refusing = edge.http.get("/chat/lobby")
    edge.users.read_fails = StorageUnavailable()
    unknown = edge.http.get("/chat/lobby")

    for page in (silent, refusing, unknown):
        assert page.status_code == 200
        assert b"data-shows-cookie" in page.data
        assert b'id="opening"' not in page.data
    assert b"data-returning" not in edge.http.get("/").data


def test_beyond_the_rate_a_page_comes_without_what_it_would_bring(edge: Edge) -> None:
    edge.http.set_cookie("chat_token", edge.token)
    edge.reply = lambda reply: reply(RoomNotFound())
    pages = [edge.http.get("/chat/lobby") for _ in range(EVENTS_PER_CONNECTION.burst + 1)]

    assert {page.status_code for page in pages} == {200}
    assert [b'id="opening"' in page.data for page in pages] == [True] * (len(pages) - 1) + [False]


@pytest.mark.parametrize(
    ("refusal", "status", "retry_after"),
    [
        (Draining(), 503, None),
        (RoomBusy(retry_after_ms=200), 503, "1"),
        (StorageUnavailable(), 503, None),
        (StorageFull(), 503, None),
        (RateLimited(retry_after_ms=2_001), 429, "3"),
        (Conflict(), 409, None),
        (Internal(), 500, None),
    ],
    ids=lambda value: getattr(value, "code", None),
)
def test_a_refusal_of_the_room_keeps_its_code(
    edge: Edge, refusal: ChatError, status: int, retry_after: str | None
) -> None:
    edge.reply = lambda reply: reply(refusal)

    for answer in (edge.post(), edge.get("/api/rooms/lobby/events")):
        assert answer.status_code == status
        assert answer.json["error"]["code"] == refusal.code
        assert answer.headers.get("Retry-After") == retry_after


def test_a_room_is_created_only_when_there_is_none(edge: Edge) -> None:
    edge.reply = lambda reply: reply(RoomNotFound())

    edge.post()

    assert [command.may_create for command in edge.sent] == [False, True]
    assert {command.member for command in edge.sent} == {None}
    assert all(command.is_retry for command in edge.sent)


def test_storage_that_fails_while_looking_who_asks_signs_nobody_out(edge: Edge) -> None:
    edge.http.set_cookie("chat_token", edge.token)

    edge.users.read_fails = StorageUnavailable()
    answer = edge.http.post("/api/session", json={"name": "Ana"}, headers={"Origin": "http://localhost"})

    assert answer.json
    assert (answer.status_code, answer.json["error"]["code"]) == (503, "storage_unavailable")
    assert "Set-Cookie" not in answer.headers
    assert len(edge.users.rows) == 1


def test_the_sockets_of_whoever_is_renamed_are_told_and_a_newcomer_s_are_not(edge: Edge) -> None:
    edge.http.post("/api/session", json={"name": "Ben"})
    edge.http.post("/api/session", json={"name": "Anna"}, headers=edge.headers)

    (user_id,) = [row.user_id for row in edge.users.rows.values() if row.name == "Anna"]
    assert edge.renamed == [(user_id, "Anna")]


def test_a_bug_is_told_by_its_reference_and_explained_in_the_log_only(
    edge: Edge, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_user_id: str) -> list[RoomOf]:
        raise ZeroDivisionError(SECRET)

    edge.rooms_of = fail
    with caplog.at_level(logging.INFO):
        answer = edge.get("/api/rooms")

    assert answer.json
    error = answer.json["error"]
    assert (answer.status_code, error["code"], error["retryable"]) == (500, "internal", True)
    assert SECRET not in answer.text
    assert "Traceback" not in answer.text
    (line,) = [record for record in caplog.records if record.name == "chatapp.web.errors"]
    assert SECRET in str(line.exc_info)
    assert line.__dict__["ref"] == error["ref"]
    assert edge.token not in caplog.text


def test_a_refusal_is_found_in_the_log_by_its_reference_without_what_was_said(
    edge: Edge, caplog: pytest.LogCaptureFixture
) -> None:
    edge.reply = lambda reply: reply(RoomBusy())
    with caplog.at_level(logging.INFO):
        answer = edge.post("our secret")

    (line,) = [record for record in caplog.records if record.name == "chatapp.web.errors"]
    assert line.__dict__["ref"] == answer.json["error"]["ref"]
    assert line.__dict__["route"] == "/api/rooms/<path_part>/messages"
    assert "our secret" not in str(line.__dict__)
    assert "lobby" not in str(line.__dict__)


def test_refusals_are_counted_by_code(edge: Edge) -> None:
    edge.get("/api/nothing")
    edge.get("/nothing")

    assert 'chat_refusals_total{code="unknown_event"} 2.0' in edge.get("/metrics").text


def test_a_node_that_should_get_no_traffic_says_why_and_still_lives(edge: Edge) -> None:
    assert (edge.get("/readyz").status_code, edge.get("/readyz").json) == (200, {"status": "ok"})

    edge.not_ready = "draining"

    assert (edge.get("/readyz").status_code, edge.get("/readyz").json) == (503, {"status": "draining"})
    edge.not_ready, edge.relay_trouble = None, "NOPERM"
    assert edge.get("/readyz").json == {"status": "ok", "relay": "NOPERM"}
    assert edge.get("/healthz").status_code == 200


def test_a_room_one_was_in_is_told_as_the_store_knows_it(edge: Edge) -> None:
    edge.rooms_of = lambda _user_id: [RoomOf(room_id="lobby", head=10, read_seq=4, unread=6, mentions=2)]

    assert edge.get("/api/rooms").json == [{"id": "lobby", "head": 10, "read": 4, "unread": 6, "mentions": 2}]
