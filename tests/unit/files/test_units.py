"""Units: fetched once for all who ask at the same time, kept for a moment, and never without end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chatapp.errors import StorageUnavailable
from chatapp.files import units as module
from chatapp.files.units import KEPT_SECONDS, MOST_UNITS, Done, Unit, Units
from chatapp.runtime import sleep, spawn

ONE, OTHER = Unit("up/a", 0), Unit("up/a", 1)


class Store:
    """Answers when it is told to; time is the test's too."""

    def __init__(self) -> None:
        self.asked: list[tuple[Unit, Done]] = []
        self.now = 0.0
        self.later: list[Callable[[], Any]] = []
        self.units = Units(
            lambda unit, done: self.asked.append((unit, done)),
            elapsed=lambda: self.now,
            call_later=lambda _seconds, callback: self.later.append(callback),
        )

    def answer(self, data: bytes | BaseException) -> None:
        self.asked.pop(0)[1](data)

    def has(self, unit: Unit, data: bytes) -> None:
        answers: list[bytes] = []
        spawn(lambda: answers.append(bytes(self.units.get(unit))))
        sleep()
        self.answer(data)
        sleep()
        assert answers == [data]

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        for callback in [self.later.pop() for _ in self.later]:
            callback()


@pytest.fixture
def store() -> Store:
    return Store()


def ask(store: Store, unit: Unit, answers: list[Any]) -> None:
    def run() -> None:
        try:
            answers.append(bytes(store.units.get(unit)))
        except Exception as error:  # noqa: BLE001 - the test looks at it
            answers.append(error)

    spawn(run)
    sleep()


def test_who_ask_at_the_same_time_are_given_the_same(store: Store) -> None:
    answers: list[Any] = []
    for _ in range(3):
        ask(store, ONE, answers)
    ask(store, OTHER, answers)
    assert [unit for unit, _ in store.asked] == [ONE, OTHER]

    store.answer(b"bytes")
    sleep()

    assert answers == [b"bytes"] * 3


def test_what_was_fetched_is_there_for_a_moment_and_then_is_not(store: Store) -> None:
    store.has(ONE, b"bytes")
    assert bytes(store.units.get(ONE) or b"") == b"bytes"
    assert store.asked == []

    store.pass_time(KEPT_SECONDS + 1)

    assert store.units.kept_bytes == 0
    store.has(ONE, b"anew")


def test_what_is_younger_stays_when_the_older_goes(store: Store) -> None:
    store.has(ONE, b"old")
    store.pass_time(KEPT_SECONDS - 1)
    store.has(OTHER, b"new")
    store.pass_time(2)

    assert bytes(store.units.get(OTHER) or b"") == b"new"
    assert store.units.kept_bytes == len(b"new")
    store.pass_time(KEPT_SECONDS)
    assert store.units.kept_bytes == 0


def test_what_is_wanted_again_and_again_stays(store: Store) -> None:
    """Or else all who are being sent it would wait for it at the same moment, every few seconds."""
    store.has(ONE, b"bytes")
    for _ in range(5):
        store.pass_time(KEPT_SECONDS - 1)
        assert bytes(store.units.kept(ONE) or b"") == b"bytes"
    assert store.units.kept(OTHER) is None

    store.pass_time(KEPT_SECONDS + 1)

    assert store.units.kept(ONE) is None


def test_no_more_are_kept_than_there_is_room_for(store: Store) -> None:
    for number in range(MOST_UNITS + 10):
        store.has(Unit("up/a", number), b"x")

    assert store.units.kept_bytes == MOST_UNITS


def test_an_outage_is_everybodys_who_waited_and_nobodys_after_it(store: Store) -> None:
    answers: list[Any] = []
    ask(store, ONE, answers)
    ask(store, ONE, answers)

    outage = StorageUnavailable()
    store.answer(outage)
    sleep()

    assert answers == [outage, outage]
    store.has(ONE, b"bytes")


def test_a_store_that_does_not_answer_is_an_outage(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FETCH_SECONDS", 0.01)
    answers: list[Any] = []
    ask(store, ONE, answers)
    sleep(0.05)

    assert [type(answer) for answer in answers] == [StorageUnavailable]
    store.answer(b"late")
    assert bytes(store.units.get(ONE) or b"") == b"late"
