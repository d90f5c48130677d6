"""Turns: many who go on a little each, and others who are heard in between."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from eventlet import GreenPool, Timeout

from chatapp.runtime import Turns, sleep


def test_everybody_has_a_turn_in_the_order_they_came() -> None:
    turns, taken, pool = Turns(), list[tuple[int, int]](), GreenPool()

    def go(me: int) -> None:
        for step in range(3):
            turns.wait()
            taken.append((step, me))

    for me in range(5):
        pool.spawn(go, me)
    pool.waitall()

    assert taken == [(step, me) for step in range(3) for me in range(5)]
    assert len(turns) == 0


def test_others_are_heard_while_many_go_on() -> None:
    turns, pool = Turns(slice_seconds=0.002), GreenPool(200)
    done: list[int] = []

    def work(me: int) -> None:
        turns.wait()
        ends_at = time.monotonic() + 0.001
        while time.monotonic() < ends_at:
            pass
        done.append(me)

    for me in range(100):
        pool.spawn(work, me)
    sleep()
    looks = []
    while len(done) < 100:
        looks.append(len(done))
        sleep()

    assert max(after - before for before, after in pairwise(looks)) <= 4


def test_one_that_goes_away_while_it_waits_is_not_called_when_it_waits_for_something_else() -> None:
    turns, pool = Turns(slice_seconds=0), GreenPool()  # one in a turn of the hub
    woken: list[float] = []

    def impatient() -> None:
        with pytest.raises(TimeoutError), Timeout(0, TimeoutError):
            turns.wait()
        began_at = time.monotonic()
        sleep(0.05)
        woken.append(time.monotonic() - began_at)

    for _ in range(20):
        pool.spawn(turns.wait)
    pool.spawn(impatient)
    pool.waitall()

    assert woken[0] >= 0.05
    assert len(turns) == 0
