"""Access answers everybody who asks, whatever became of the reading."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, cast

import pytest

from chatapp.access import Access, history
from chatapp.errors import ChatError, Internal, StorageUnavailable
from chatapp.rooms.events import RoomEvent
from chatapp.store.log.history import Page
from chatapp.store.threaded import ThreadedStore
from tests.unit.gateway.edge import Edge


class Broken:
    """A store whose readers fail like this."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def read(self, job: object, done: Callable[[Any], None]) -> None:
        done(self._error)


class Slow:
    """A store whose reader takes up a job when it is told to."""

    def __init__(self) -> None:
        self.jobs: list[tuple[Callable[[Any], Any], Callable[[Any], None]]] = []
        self.pages = 0
        self.history = self

    def read(self, job: Callable[[Any], Any], done: Callable[[Any], None]) -> None:
        self.jobs.append((job, done))

    def page(self, room_id: str, **_asked: object) -> Page:
        self.pages += 1
        return Page(
            events=[],
            first=None,
            last=None,
            stream_id="s",
            head=self.pages,
            floor=1,
            more_before=False,
            more_after=False,
        )


def test_those_who_wait_for_the_same_page_share_a_reading_that_has_not_begun() -> None:
    store = Slow()
    access = Access(cast(ThreadedStore, store), Edge().node.clock, retention_ms=1)
    answers: list[Any] = []

    def ask(room: str = "lobby", after: int = 7) -> None:
        access.page(room, before=None, after=after, around=None, limit=10, user_id="ana", done=answers.append)

    for _ in range(3):
        ask()
    ask(after=8)
    ask("other")
    assert len(store.jobs) == 3

    job, done = store.jobs.pop(0)
    page = job(store)  # begun: what is committed from here on may be missing in it
    ask()
    ask()
    assert len(store.jobs) == 3

    done(page)
    for job, done in store.jobs:
        done(job(store))
    assert sorted(answer.head for answer in answers) == [1, 1, 1, 2, 3, 4, 4]


def test_whoever_shares_a_reading_shares_what_is_seen_of_its_reactions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A page is looked through once, however many people have asked for it."""
    looked: list[object] = []

    def look(events: object) -> list[int]:
        looked.append(events)
        return []

    monkeypatch.setattr(history, "_with_reactions", look)
    store, answers = Slow(), list[Any]()
    access = Access(cast(ThreadedStore, store), Edge().node.clock, retention_ms=1)
    for person in ("ana", "ben", "cy"):
        access.page("lobby", before=None, after=7, around=None, limit=10, user_id=person, done=answers.append)

    [(job, done)] = store.jobs
    done(job(store))

    assert (len(answers), len(looked)) == (3, 1)


@pytest.mark.parametrize(
    ("error", "answer"), [(ZeroDivisionError(), Internal), (StorageUnavailable(), StorageUnavailable)]
)
def test_a_reading_that_fails_is_answered_too(error: Exception, answer: type[ChatError]) -> None:
    access = Access(cast(ThreadedStore, Broken(error)), Edge().node.clock, retention_ms=1)
    answers: list[Any] = []

    access.page("lobby", before=None, after=None, around=None, limit=1, user_id="ana", done=answers.append)
    access.lookup("lobby", "ana", ["c1"], done=answers.append)
    access.heads(["lobby"], done=answers.append)

    assert [type(each) for each in answers] == [answer] * 3


class Visits:
    """A store that notes up to when messages have expired for whoever asks for the rooms they were in."""

    def __init__(self) -> None:
        self.sessions, self.cutoffs = self, list[int]()

    def read(self, job: Callable[[Any], Any], done: Callable[[Any], None]) -> None:
        done(job(self))

    def rooms_of(self, user_id: str, cutoff: int) -> list[str]:
        self.cutoffs.append(cutoff)
        return [user_id]


def test_what_has_expired_is_not_counted_as_unread() -> None:
    store, clock, answers = Visits(), Edge().node.clock, list[Any]()
    access = Access(cast(ThreadedStore, store), clock, retention_ms=1_000)

    access.visited("ana", done=answers.append)

    assert (answers, store.cutoffs) == ([["ana"]], [clock.now_ms() - 1_000])


class Reacted:
    """A page with one message that two have reacted to."""

    def __init__(self) -> None:
        self.history = self.reactions = self
        self.jobs: list[tuple[Callable[[Any], Any], Callable[[Any], None]]] = []

    def read(self, job: Callable[[Any], Any], done: Callable[[Any], None]) -> None:
        self.jobs.append((job, done))

    def work(self) -> None:
        job, done = self.jobs.pop(0)
        done(job(self))

    def mine(self, user_id: str, _room_id: str, seqs: list[int]) -> dict[int, list[str]]:
        return {seq: [f"of {user_id}"] for seq in seqs}

    def page(self, room_id: str, **_asked: object) -> Page:
        said = RoomEvent(
            room_id=room_id,
            seq=1,
            type="message",
            id="id",
            ts=1,
            user_id="u",
            user_name="U",
            client_id="c",
            body=b'{"content":"hi","reactions":[]}',
            rev=2,
        )
        bounds = {"first": 1, "last": 1, "head": 2, "floor": 1, "more_before": False, "more_after": False}
        return Page(events=[said], stream_id="s", **bounds)  # type: ignore[arg-type]


def test_one_s_own_reactions_come_with_the_page_and_to_whoever_shares_it_behind_it() -> None:
    """Mostly nobody shares it: then it is one way to a reader's thread and back."""
    store, answers = Reacted(), dict[str, Any]()
    access = Access(cast(ThreadedStore, store), Edge().node.clock, retention_ms=1)
    for person in ("ana", "ben"):
        access.page(
            "lobby",
            before=None,
            after=None,
            around=None,
            limit=10,
            user_id=person,
            done=partial(answers.__setitem__, person),
        )

    store.work()
    assert [*answers] == ["ana"]
    store.work()
    assert store.jobs == []
    assert {person: answer.mine for person, answer in answers.items()} == {
        "ana": {"1": ["of ana"]},
        "ben": {"1": ["of ben"]},
    }
