"""Jobs that wait for a thread: begun once, or dropped and told so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chatapp.errors import StorageUnavailable
from chatapp.files.waiting import Answers, Waiting

SECONDS = 10.0


class House:
    """Its one thread begins when the test says so."""

    def __init__(self) -> None:
        self.now = 0.0
        self.queue: list[tuple[Callable[[str], Any], Callable[[Any], None]]] = []
        self.told: list[Any] = []
        self.done: list[str] = []
        self.waiting: Waiting[str] = Waiting(
            lambda job, told: self.queue.append((job, told)), seconds=SECONDS, elapsed=lambda: self.now
        )

    def submit(self, name: str) -> None:
        def job(_state: str) -> str:
            self.done.append(name)
            return name

        self.waiting.submit(job, self.told.append)

    def work(self) -> None:
        job, told = self.queue.pop(0)
        told(job("state"))


@pytest.fixture
def house() -> House:
    return House()


def test_a_job_that_is_begun_in_time_is_done_once(house: House) -> None:
    house.submit("a")
    house.now = SECONDS - 0.1
    house.waiting.look()
    house.work()
    house.now = 2 * SECONDS
    house.waiting.look()

    assert (house.done, house.told) == (["a"], ["a"])


def test_one_that_waited_too_long_is_dropped_and_said_to_be(house: House) -> None:
    house.submit("a")
    house.now = 1.0
    house.submit("b")
    house.now = SECONDS
    house.waiting.look()
    house.waiting.look()

    assert [type(each) for each in house.told] == [StorageUnavailable]
    house.work()
    house.work()
    assert house.done == ["b"]
    assert house.told[1:] == ["b"]


def test_one_that_is_begun_keeps_its_turn_however_long_it_takes(house: House) -> None:
    house.submit("a")
    job, told = house.queue.pop()
    answer = job("state")
    house.now = 3 * SECONDS
    house.waiting.look()
    told(answer)

    assert house.told == ["a"]


class Desk:
    """Its time is the test's."""

    def __init__(self) -> None:
        self.now = 0.0
        self.heard: list[Any] = []
        self.late: list[Any] = []
        self.answers = Answers(seconds=SECONDS, elapsed=lambda: self.now)

    def ask(self) -> Callable[[Any], None]:
        return self.answers.first(self.heard.append, self.late.append)

    def look_at(self, now: float) -> None:
        self.now = now
        self.answers.look()


def test_whoever_waits_for_an_answer_has_it_as_soon_as_it_comes() -> None:
    desk = Desk()
    answer = desk.ask()
    answer("a")
    desk.look_at(SECONDS)

    assert (desk.heard, desk.late) == (["a"], [])


def test_where_none_comes_in_time_that_is_the_answer_and_what_comes_later_is_not_lost() -> None:
    """A thread hangs in a disk: what it does in the end is done."""
    desk = Desk()
    first = desk.ask()
    desk.now = 1.0
    second = desk.ask()
    desk.look_at(SECONDS)
    assert [type(each) for each in desk.heard] == [StorageUnavailable]
    second("b")
    first("a")
    desk.look_at(3 * SECONDS)

    assert (desk.heard[1:], desk.late) == (["b"], ["a"])
