"""The hub's turns: bounded, and with an end."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from chatapp.runtime.hub.hub import HEARD_A_TURN, LAST_THINGS_SECONDS, TurnHub

pytestmark = pytest.mark.skipif(not TurnHub.is_available(), reason="the hub is a plain one without epoll")


@pytest.fixture
def hub() -> Iterator[TurnHub]:
    hub = TurnHub()
    yield hub
    hub.poll.close()


def test_a_turn_hears_some_of_many_and_the_next_turns_hear_the_others(hub: TurnHub) -> None:
    pairs = [socket.socketpair() for _ in range(3 * HEARD_A_TURN)]
    heard: list[int] = []
    for ours, theirs in pairs:
        theirs.send(b"!")
        hub.add(hub.READ, ours.fileno(), heard.append, lambda *_: None, None)

    heard_after = []
    for _ in range(3):
        hub.wait(0)  # all of them stay readable: who was heard has to wait for the others
        heard_after.append(len(heard))

    assert heard_after == [HEARD_A_TURN, 2 * HEARD_A_TURN, 3 * HEARD_A_TURN]
    assert len(set(heard)) == len(pairs)
    for pair in pairs:
        for end in pair:
            end.close()


def test_last_things_happen_before_the_hub_waits_in_their_order(hub: TurnHub) -> None:
    ours, theirs = socket.socketpair()
    done: list[str] = []
    hub.add(hub.READ, ours.fileno(), lambda _: done.append("heard"), lambda *_: None, None)
    theirs.send(b"!")
    hub.last_things += [lambda: done.append("first"), lambda: 1 / 0, lambda: done.append("second")]

    hub.wait(10)

    assert done == ["first", "second", "heard"]
    ours.close()
    theirs.close()


def test_last_things_that_take_long_leave_the_hub_its_turns(hub: TurnHub) -> None:
    ours, theirs = socket.socketpair()
    hub.add(hub.READ, ours.fileno(), lambda _: None, lambda *_: None, None)
    hub.last_things += [lambda: time.sleep(LAST_THINGS_SECONDS / 8)] * 200

    began_at = time.monotonic()
    hub.wait(10)

    assert 0 < len(hub.last_things) < 200
    assert time.monotonic() - began_at < 5  # it did not go to sleep either, which would be for ten
    ours.close()
    theirs.close()
