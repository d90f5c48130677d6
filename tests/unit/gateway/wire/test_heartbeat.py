from __future__ import annotations

from collections.abc import Callable

import pytest

from chatapp.gateway.wire.heartbeat import PING_INTERVAL_SECONDS, PING_TIMEOUT_SECONDS, Heartbeat
from chatapp.runtime import HubScheduler


class Timer:
    def __init__(self, due_at: float, callback: Callable[[], object]) -> None:
        self.due_at = due_at
        self.callback = callback
        self.is_cancelled = False

    def cancel(self) -> None:
        self.is_cancelled = True


class SteppedScheduler(HubScheduler):
    """A scheduler whose time is moved by the test."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.timers: list[Timer] = []

    def elapsed(self) -> float:
        return self.now

    def call_later(self, seconds: float, callback: Callable[..., object], *args: object) -> Timer:
        timer = Timer(self.now + seconds, lambda: callback(*args))
        self.timers.append(timer)
        return timer

    def tick(self, seconds: float) -> None:
        ends_at = self.now + seconds
        while due := [t for t in self.timers if not t.is_cancelled and t.due_at <= ends_at]:
            timer = min(due, key=lambda t: t.due_at)
            self.timers.remove(timer)
            self.now = timer.due_at
            timer.callback()
        self.now = ends_at


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def scheduler() -> SteppedScheduler:
    return SteppedScheduler()


@pytest.fixture
def heartbeat(scheduler: SteppedScheduler, said: list[str]) -> Heartbeat:
    return make(scheduler, said)


def make(
    scheduler: SteppedScheduler, said: list[str], has_left: Callable[[], bool] = lambda: True
) -> Heartbeat:
    return Heartbeat(scheduler, lambda: said.append("ping"), lambda: said.append("dead"), has_left)


def test_one_that_answers_is_asked_again_and_its_last_answer_is_known(
    heartbeat: Heartbeat, scheduler: SteppedScheduler, said: list[str]
) -> None:
    for _ in range(3):
        scheduler.tick(PING_INTERVAL_SECONDS)
        scheduler.tick(1)
        heartbeat.pong()

    assert said == ["ping"] * 3
    assert heartbeat.last_pong_at == 3 * (PING_INTERVAL_SECONDS + 1)


def test_one_that_does_not_answer_in_time_is_dead(
    heartbeat: Heartbeat, scheduler: SteppedScheduler, said: list[str]
) -> None:
    scheduler.tick(PING_INTERVAL_SECONDS + PING_TIMEOUT_SECONDS)

    assert said == ["ping", "dead"]
    assert heartbeat.last_pong_at == 0


def test_an_answer_that_nobody_asked_for_puts_nothing_off(
    heartbeat: Heartbeat, scheduler: SteppedScheduler, said: list[str]
) -> None:
    scheduler.tick(PING_INTERVAL_SECONDS - 1)
    heartbeat.pong()
    scheduler.tick(1)

    assert said == ["ping"]
    assert heartbeat.last_pong_at == 0
    assert len(scheduler.timers) == 1


def test_after_the_end_nobody_is_asked(
    heartbeat: Heartbeat, scheduler: SteppedScheduler, said: list[str]
) -> None:
    scheduler.tick(PING_INTERVAL_SECONDS)
    heartbeat.stop()
    scheduler.tick(100)

    assert said == ["ping"]


def test_an_answer_before_the_ping_has_left_is_none(scheduler: SteppedScheduler, said: list[str]) -> None:
    left: list[bool] = [False]
    heartbeat = make(scheduler, said, lambda: left[0])
    scheduler.tick(PING_INTERVAL_SECONDS)

    heartbeat.pong()
    assert heartbeat.last_pong_at == 0
    left[0] = True
    heartbeat.pong()
    assert heartbeat.last_pong_at == PING_INTERVAL_SECONDS


def test_one_that_is_asked_at_once_has_as_long_as_always_and_is_asked_once(
    heartbeat: Heartbeat, scheduler: SteppedScheduler, said: list[str]
) -> None:
    scheduler.tick(1)
    heartbeat.ask_now()
    heartbeat.ask_now()
    scheduler.tick(2)
    assert heartbeat.unanswered_seconds == 2
    heartbeat.pong()
    assert heartbeat.unanswered_seconds == 0

    scheduler.tick(PING_INTERVAL_SECONDS + PING_TIMEOUT_SECONDS)
    assert said == ["ping", "ping", "dead"]
