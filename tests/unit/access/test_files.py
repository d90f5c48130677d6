"""A file that somebody asks for: what the database is asked for it, and when that counts."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest
from flask import Flask

from chatapp.access import FileAccess
from chatapp.errors import Unauthorized, UploadGone
from chatapp.identity import FileAddresses, People, SignInCookie, Tokens
from chatapp.limits.rates import Rates
from chatapp.store.uploads.uploads import GONE, READY, StoredUpload, UploadPart
from chatapp.web.files import FileServer
from tests.fakes.users import FakeUsers

KEY = "a key of some length, for tests"
UPLOAD = StoredUpload(
    upload_id="a-file",
    room_id="lobby",
    user_id="u",
    state=READY,
    created_at=0,
    touched_at=0,
    size=3,
    received=3,
    parts=(UploadPart("a-file/0", 3),),
    type="image/jpeg",
    words={"name": "beach.jpg"},
    address="",
    message_seq=1,
    message_ts=0,
)


class Asked:
    """A database with one file; each journey to it is counted."""

    def __init__(self) -> None:
        self.users = FakeUsers()
        self.state = READY
        self.journeys = 0
        self.turns: list[int] = []
        self.store = SimpleNamespace(users=self.users, uploads=self)
        self.people = People(tokens=Tokens(KEY), ask_users=self._ask_alone, clock=self.users)
        self.server = FileServer(
            access=FileAccess(cast(Any, self), now_ms=lambda: 1, retention_ms=1_000),
            bodies=cast(Any, SimpleNamespace(turns=SimpleNamespace(wait=self._wait))),
            people=self.people,
            rates=Rates(lambda: 0.0),
            cookie=SignInCookie(KEY),
            addresses=FileAddresses(KEY),
            now_ms=lambda: 1,
        )

    def get(self, _upload_id: str) -> StoredUpload:
        return msgspec.structs.replace(UPLOAD, state=self.state)

    def ask(self, job: Callable[[Any], Any]) -> Any:
        self.journeys += 1
        return job(self.store)

    def _ask_alone(self, job: Callable[[Any], Any]) -> Any:
        self.journeys += 1
        return job(self.users)

    def _wait(self) -> None:
        self.turns.append(self.journeys)

    def find(self, token: str) -> Any:
        self.journeys = 0
        with Flask("test").test_request_context(headers={"Authorization": f"Bearer {token}"}):
            return self.server.find_for_visitor("a-file", None)


@pytest.fixture
def asked() -> Asked:
    return Asked()


def test_who_asks_and_what_there_is_are_looked_up_together(asked: Asked) -> None:
    """A whole room asks for a picture at once: a journey to a thread costs more than what is done there."""
    token, _ = asked.people.sign_in("Bo")

    assert asked.find(token).name == "beach.jpg"

    assert asked.journeys == 1


def test_who_was_looked_up_is_answered_in_turn(asked: Asked) -> None:
    """Those of a crowd come back from the thread at the same moment."""
    token, _ = asked.people.sign_in("Bo")

    asked.find(token)

    assert asked.turns == [1]


def test_what_is_gone_is_gone_for_the_next_who_asks(asked: Asked) -> None:
    token, _ = asked.people.sign_in("Bo")
    asked.find(token)
    asked.state = GONE

    with pytest.raises(UploadGone):
        asked.find(token)


def test_a_token_that_was_given_back_is_worth_nothing_here_too(asked: Asked) -> None:
    token, guest = asked.people.sign_in("Bo")
    asked.people.sign_out(guest)

    with pytest.raises(Unauthorized):
        asked.find(token)
