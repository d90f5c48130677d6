"""Jobs that wait for a thread: begun once, or dropped and told so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chatapp.errors import StorageUnavailable
from chatapp.files.waiting import Waiting

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
