"""What leaves when: the hub's turn and the socket are fakes."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest

from chatapp.gateway.wire import frames
from chatapp.gateway.wire.websocket import WebSocket
from chatapp.runtime import HubScheduler, Stream
from tests.fakes.scheduler import FakeScheduler


class Pipe:
    """A stream that takes so many bytes, and then none until it is told to go on."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []
        self.takes = 1_000_000
        self.is_open = True
        self._drain: Callable[[], object] | None = None

    def send(self, data: bytes | memoryview) -> int:
        taken = bytes(data[: self.takes])
        self.takes -= len(taken)
        if taken:
            self.writes.append(taken)
        return len(taken)

    def when_writable(self, callback: Callable[[], object]) -> None:
        self._drain = callback

    def go_on(self) -> None:
        self.takes = 1_000_000
        drain, self._drain = self._drain, None
        assert drain is not None
        drain()

    def shut_down(self, *, reset: bool = False) -> None:
        self.is_open = False


class Line:
    def __init__(self) -> None:
        self.pipe, self.scheduler = Pipe(), FakeScheduler()
        self.websocket = WebSocket(cast(Stream, self.pipe), cast(HubScheduler, self.scheduler))


@pytest.fixture
def line() -> Line:
    return Line()


def test_what_one_turn_has_for_a_connection_leaves_in_one_write_in_order(line: Line) -> None:
    for part in (b"event", b"another", b"ack"):
        line.websocket.send(part)
    assert line.pipe.writes == []

    line.scheduler.run()
    line.websocket.send(b"later")
    line.scheduler.run()

    assert line.pipe.writes == [b"eventanotherack", b"later"]


def test_a_broadcast_to_a_crowd_is_written_at_once_but_never_overtakes(line: Line) -> None:
    line.websocket.broadcast_now(b"first")
    assert line.pipe.writes == [b"first"]

    line.websocket.send(b"second")
    line.websocket.broadcast_now(b"third")
    line.scheduler.run()

    assert line.pipe.writes == [b"first", b"secondthird"]


def test_what_the_socket_does_not_take_waits_and_nothing_overtakes_it(line: Line) -> None:
    line.pipe.takes = 3
    line.websocket.send(b"first")
    line.scheduler.run()

    line.websocket.send(b"second")
    line.websocket.broadcast_now(b"third")
    line.scheduler.run()
    assert line.pipe.writes == [b"fir"]

    line.pipe.go_on()
    assert b"".join(line.pipe.writes) == b"firstsecondthird"
    assert line.websocket.held_bytes == 0


def test_a_goodbye_follows_what_was_said_in_the_same_turn(line: Line) -> None:
    line.websocket.send(b"last words")
    line.websocket.close()
    line.websocket.send(b"too late")
    line.scheduler.run()

    assert b"".join(line.pipe.writes) == b"last words" + frames.close_frame(frames.NORMAL)


def test_nothing_leaves_after_a_cut(line: Line) -> None:
    line.websocket.send(b"too late")
    line.websocket.abort()
    line.scheduler.run()

    assert line.pipe.writes == []
