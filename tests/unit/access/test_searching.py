"""Searches take turns, a stretch each; each is answered soon, with what it has and from where to ask on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import pytest

from chatapp.access.searching import (
    ANSWER_AFTER_SECONDS,
    FIRST_STRETCH,
    LONGEST_STRETCH,
    STRETCH_SECONDS,
    Searches,
    Wanted,
)
from chatapp.errors import ChatError, Internal, RoomNotFound, StorageUnavailable
from chatapp.protocol.search import SearchAck
from chatapp.rooms.events import RoomEvent
from chatapp.rooms.messages.pages import PAGE_BYTES
from chatapp.rooms.messages.query import Query, parse_query
from chatapp.store.log.log import Bounds
from chatapp.store.threaded import ThreadedStore

FLOOR = 101


class Log:
    """A store whose rooms have so many events, in which these match; it scans when it is told to."""

    def __init__(self, head: int = 10_000, matches: Sequence[int] = (), body: bytes = b"{}") -> None:
        self.history = self.search = self
        self.head, self.body = head, body
        self.matching = sorted(matches, reverse=True)
        self.elapsed = 0.0
        self.worked = 0.0
        self.work_of_a_stretch = 0.0
        self.seconds_a_stretch = 0.0
        self.cutoff = 0
        self.steps: list[tuple[Callable[[Any], Any], Callable[[Any], None]]] = []
        self.stretches: list[tuple[str, int, int]] = []
        self.cutoffs: list[int] = []

    def scan(self, job: Callable[[Any], Any], done: Callable[[Any], None]) -> None:
        self.steps.append((job, done))

    def bounds(self, room_id: str, cutoff: int) -> Bounds | None:
        if room_id == "none":
            return None
        return Bounds(stream_id="s", head=self.head, floor=FLOOR, floor_ts=1)

    def matches(
        self, room_id: str, query: Query, *, first: int, last: int, limit: int, cutoff: int
    ) -> list[int]:
        self.stretches.append((room_id, first, last))
        self.worked += self.work_of_a_stretch
        self.elapsed += self.seconds_a_stretch
        return [seq for seq in self.matching if first <= seq <= last][:limit]

    def messages_at(self, room_id: str, seqs: Sequence[int], cutoff: int) -> list[RoomEvent]:
        self.cutoffs.append(cutoff)
        return [
            RoomEvent(
                room_id=room_id,
                seq=seq,
                type="message",
                id=f"m{seq}",
                ts=seq,
                user_id="u",
                user_name="Ana",
                client_id=f"c{seq}",
                body=self.body,
            )
            for seq in seqs
            if seq in self.matching
        ]

    def still_matching(self, messages: Sequence[RoomEvent], query: Query) -> list[RoomEvent]:
        return list(messages)

    def step(self) -> None:
        job, done = self.steps.pop(0)
        done(job(self))

    def finish(self) -> None:
        while self.steps:
            self.step()


class Asking:
    def __init__(self, log: Log) -> None:
        self.log = log
        self.answers: list[tuple[str, SearchAck | ChatError]] = []
        self._searches = Searches(
            cast(ThreadedStore, log),
            cutoff=lambda: log.cutoff,
            elapsed=lambda: log.elapsed,
            worked=lambda: log.worked,
        )

    def ask(self, who: str, *, room: str = "lobby", before: int | None = None, limit: int = 20) -> None:
        wanted = Wanted(room_id=room, query=parse_query("x"), before=before, limit=limit)
        self._searches.search(who, wanted, lambda answer: self.answers.append((who, answer)))

    def answer(self, who: str = "ana", **asked: Any) -> SearchAck:
        self.ask(who, **asked)
        self.log.finish()
        _, answer = self.answers.pop()
        assert isinstance(answer, SearchAck), answer
        return answer


def seqs(answer: SearchAck) -> list[int]:
    return [event.seq for event in answer.events]


def test_a_log_is_searched_from_its_end_to_its_floor_in_stretches() -> None:
    log = Log(head=500, matches=(500, 300, 101, 100))

    answer = Asking(log).answer()

    assert (seqs(answer), answer.searched_to, answer.more_before) == ([500, 300, 101], FLOOR, False)
    assert log.stretches == [("lobby", 401, 500), ("lobby", 201, 400), ("lobby", FLOOR, 200)]


def rows_of(log: Log) -> list[int]:
    return [last - first + 1 for _, first, last in log.stretches]


def test_the_next_stretch_is_longer_where_the_last_was_little_work_and_shorter_where_it_was_much() -> None:
    log = Log(head=100_000)
    asking = Asking(log)
    asking.ask("ana")
    for _ in range(8):
        log.step()
    assert rows_of(log) == [100, 200, 400, 800, 1_600, 3_200, LONGEST_STRETCH]

    log.stretches.clear()
    log.work_of_a_stretch = STRETCH_SECONDS * 0.75
    log.step()
    log.step()
    log.work_of_a_stretch = STRETCH_SECONDS * 2
    for _ in range(8):
        log.step()
    assert rows_of(log) == [LONGEST_STRETCH] * 3 + [3_200, 1_600, 800, 400, 200, 100, FIRST_STRETCH]


def test_what_others_work_meanwhile_makes_no_stretch_shorter() -> None:
    log = Log()
    asking = Asking(log)
    asking.ask("ana")

    for _ in range(3):
        log.step()
        log.worked += STRETCH_SECONDS * 2

    assert rows_of(log) == [100, 200]


def test_a_stretch_that_waited_long_for_its_processor_makes_the_next_no_shorter() -> None:
    """Else a busy machine would wait with each hundred rows."""
    log = Log()
    log.seconds_a_stretch = STRETCH_SECONDS * 3
    asking = Asking(log)
    asking.ask("ana")

    for _ in range(4):
        log.step()

    assert rows_of(log) == [100, 200, 400]


def test_with_the_last_of_the_wanted_it_ends_and_says_from_where_to_go_on() -> None:
    log = Log(matches=(9_990, 9_980, 9_970, 200))
    asking = Asking(log)

    first = asking.answer(limit=2)
    second = asking.answer(limit=2, before=first.searched_to)

    assert (seqs(first), first.searched_to, first.more_before) == ([9_990, 9_980], 9_980, True)
    assert (seqs(second), second.searched_to, second.more_before) == ([9_970, 200], 200, True)
    third = asking.answer(limit=2, before=second.searched_to)
    assert (seqs(third), third.searched_to, third.more_before) == ([], FLOOR, False)


def test_after_a_fifth_of_a_second_it_is_answered_with_what_it_has() -> None:
    log = Log(matches=(9_920, 300))
    asking = Asking(log)

    asking.ask("ana")
    log.step()
    log.step()
    log.elapsed += ANSWER_AFTER_SECONDS
    log.step()
    log.finish()

    ((_, answer),) = asking.answers
    assert isinstance(answer, SearchAck)
    assert (seqs(answer), answer.searched_to, answer.more_before) == (
        [9_920],
        10_001 - 3 * FIRST_STRETCH,
        True,
    )


def test_people_take_turns_and_each_gets_a_stretch_however_late_it_is() -> None:
    log = Log()
    asking = Asking(log)

    for who in ("ana", "bo", "cy"):
        asking.ask(who, room=who)
    log.elapsed += 10
    log.finish()

    assert [room for room, *_ in log.stretches] == ["ana", "bo", "cy"]
    assert [who for who, _ in asking.answers] == ["ana", "bo", "cy"]

    log.stretches.clear()
    for who in ("ana", "bo"):
        asking.ask(who, room=who)
    for _ in range(6):
        log.step()
    assert [room for room, *_ in log.stretches] == ["ana", "bo", "ana", "bo"]


def test_the_next_search_of_a_person_ends_the_one_before_it() -> None:
    log = Log(matches=(9_999,))
    asking = Asking(log)
    asking.ask("ana", room="old")
    log.step()
    log.step()

    asking.ask("ana", room="new")
    asking.ask("bo", room="bo")
    log.finish()

    old, new = [answer for who, answer in asking.answers if who == "ana" and isinstance(answer, SearchAck)]
    assert (seqs(old), old.searched_to, old.more_before) == ([9_999], 10_001 - 3 * FIRST_STRETCH, True)
    assert [room for room, *_ in log.stretches].count("old") == 2
    assert (seqs(new), new.more_before) == ([9_999], False)


def test_what_was_deleted_since_it_was_found_is_not_told_and_what_has_expired_is_judged_anew() -> None:
    log = Log(head=300, matches=(300, 200))
    asking = Asking(log)
    asking.ask("ana")
    log.step()
    log.cutoff = 77
    log.step()

    log.matching.remove(200)
    log.finish()

    ((_, answer),) = asking.answers
    assert isinstance(answer, SearchAck)
    assert seqs(answer) == [300]
    assert log.cutoffs == [77]


def test_an_answer_is_bounded_in_bytes_and_goes_on_behind_them() -> None:
    log = Log(head=300, matches=(300, 290, 280), body=b"x" * (PAGE_BYTES // 2 - 600))
    asking = Asking(log)

    answer = asking.answer()

    assert (seqs(answer), answer.searched_to, answer.more_before) == ([300, 290], 290, True)
    assert seqs(asking.answer(before=290)) == [280]


@pytest.mark.parametrize(
    ("head", "before", "searched_to"), [(100, None, 101), (300, 50, 50), (300, FLOOR, FLOOR), (300, 0, 0)]
)
def test_where_nothing_is_left_nothing_is_searched(head: int, before: int | None, searched_to: int) -> None:
    log = Log(head=head)

    answer = Asking(log).answer(before=before)

    assert (seqs(answer), answer.searched_to, answer.more_before) == ([], searched_to, False)
    assert log.stretches == []


def test_a_place_beyond_the_end_is_the_end() -> None:
    assert seqs(Asking(Log(head=300, matches=(300,))).answer(before=2**50)) == [300]


@pytest.mark.parametrize(
    ("error", "kind"), [(StorageUnavailable(), StorageUnavailable), (ZeroDivisionError(), Internal)]
)
def test_a_search_that_fails_is_answered_and_holds_up_nobody(error: Exception, kind: type[ChatError]) -> None:
    log = Log()
    asking = Asking(log)
    asking.ask("ana")
    asking.ask("bo")

    _, done = log.steps.pop(0)
    done(error)
    log.finish()

    assert [(who, type(answer)) for who, answer in asking.answers] == [("ana", kind), ("bo", SearchAck)]


def test_a_room_that_is_not_there_is_not_found() -> None:
    asking = Asking(Log())

    asking.ask("ana", room="none")
    asking.log.finish()

    ((_, answer),) = asking.answers
    assert isinstance(answer, RoomNotFound)
