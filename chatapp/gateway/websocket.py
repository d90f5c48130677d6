"""A WebSocket connection: one greenlet reads, anybody writes, nobody waits for a slow reader.

What is sent goes straight to the socket. What the socket does not take is held back, in order, up
to 1 MiB or 10 seconds; beyond that the connection is *lagging* and loses every further broadcast
until it has caught up, which is told once. So a reader that stops costs at most a bounded piece of
memory, and never anybody else's time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from chatapp import limits
from chatapp.gateway import frames, handshake
from chatapp.runtime import HubScheduler, Stream, sleep, take_over

BACKLOG_BYTES = 1_048_576
BACKLOG_SECONDS = 10
# For answers, which are not dropped: several of the largest pages of history.
BACKLOG_LIMIT_BYTES = 8 * BACKLOG_BYTES
# A client that sends without pause gets no more than this done before the others have their turn.
FRAMES_A_TURN = 8
CLOSE_GRACE_SECONDS = 2


def _nothing() -> None:
    """For those who do not ask to be told."""


class WebSocket:
    """``on_pong``, ``on_lagging`` and ``on_caught_up`` may run on the hub and must not wait."""

    __slots__ = (
        "_backlog",
        "_behind_since",
        "_held_bytes",
        "_is_closing",
        "_parser",
        "_scheduler",
        "_stream",
        "_taken",
        "is_lagging",
        "on_caught_up",
        "on_lagging",
        "on_pong",
    )

    def __init__(self, stream: Stream, scheduler: HubScheduler) -> None:
        self._stream = stream
        self._scheduler = scheduler
        self._parser = frames.Parser(limits.FRAME_BYTES)
        self._backlog: deque[bytes | memoryview] | None = None
        self._held_bytes = 0
        self._behind_since = 0.0
        self._is_closing = False
        self._taken = 0
        self.is_lagging = False
        self.on_pong: Callable[[], object] = _nothing
        self.on_lagging: Callable[[], object] = _nothing
        self.on_caught_up: Callable[[], object] = _nothing

    @property
    def is_open(self) -> bool:
        return self._stream.is_open and not self._is_closing

    @property
    def held_bytes(self) -> int:
        """What the socket has not taken yet."""
        return self._held_bytes

    def send(self, ready_frames: bytes, *, is_broadcast: bool = False) -> None:
        """Send whole frames. A broadcast may be dropped for a reader that lags, an answer not."""
        if self._is_closing:
            return
        if self._backlog is not None:
            self._hold(ready_frames, is_broadcast)
            return
        sent = self._stream.send(ready_frames)
        if sent < len(ready_frames) and self._stream.is_open:
            self._behind_since = self._scheduler.elapsed()
            self._backlog = deque((memoryview(ready_frames)[sent:],))
            self._held_bytes = len(ready_frames) - sent
            self._stream.when_writable(self._drain)

    def send_text(self, text: str | bytes) -> None:
        self.send(frames.frame(frames.TEXT, text.encode() if isinstance(text, str) else text))

    def ping(self) -> None:
        self.send(frames.frame(frames.PING))

    def receive(self) -> str | bytes | None:
        """Wait for the next message; None when the connection is over. Only one greenlet may."""
        while True:
            try:
                message = self._parser.next_message()
            except frames.ProtocolError as error:
                self.close(error.close_code)
                self._discard()
                return None
            if message is None:
                received = self._stream.receive()
                if not received:
                    return None
                self._parser.feed(received)
                continue
            self._take_turns()
            if message.opcode == frames.CLOSE:
                self._answer_close(message.content)
                return None
            if message.opcode in (frames.TEXT, frames.BINARY) and not self._is_closing:
                return message.content
            self._on_control(message)

    def close(self, code: int = frames.NORMAL) -> None:
        """Say goodbye and let the client end the connection; cut it if that takes too long."""
        if not self.is_open:
            return
        self._end_with(frames.close_frame(code))
        self._scheduler.call_later(CLOSE_GRACE_SECONDS, self.abort)

    def abort(self) -> None:
        """Cut the connection now; what was not sent is lost."""
        self._is_closing = True
        self._stream.shut_down(reset=self._backlog is not None)
        self._forget_backlog()

    def _take_turns(self) -> None:
        self._taken += 1
        if self._taken % FRAMES_A_TURN == 0:
            sleep(0)

    def _on_control(self, message: frames.Message) -> None:
        if message.opcode == frames.PONG:
            self.on_pong()
        elif message.opcode == frames.PING and self._backlog is None:
            # Not queued behind a backlog: whoever does not read cannot make us remember pongs.
            assert isinstance(message.content, bytes)
            self.send(frames.frame(frames.PONG, message.content))

    def _answer_close(self, content: str | bytes) -> None:
        assert isinstance(content, bytes)
        if not self._is_closing:
            self._end_with(frames.frame(frames.CLOSE, content))
        self._stream.shut_down()
        self._forget_backlog()

    def _discard(self) -> None:
        # A socket closed with unread bytes in it resets, and the close code would be lost with it.
        if self._backlog is None:
            self._stream.end_sending()
        while self._stream.receive():
            sleep(0)

    def _end_with(self, last_frame: bytes) -> None:
        self._is_closing = True
        if self._backlog is None:
            self._stream.send(last_frame)
        else:
            # The first may have begun to leave; the rest would only delay the goodbye.
            self._backlog = deque((self._backlog[0], last_frame))

    def _hold(self, ready_frames: bytes, is_broadcast: bool) -> None:
        assert self._backlog is not None
        held = self._held_bytes + len(ready_frames)
        is_behind = held > BACKLOG_BYTES or self._scheduler.elapsed() - self._behind_since > BACKLOG_SECONDS
        if is_broadcast and (is_behind or self.is_lagging):
            if not self.is_lagging:
                self.is_lagging = True
                self.on_lagging()
        elif held > BACKLOG_LIMIT_BYTES:
            self.abort()
        else:
            self._backlog.append(ready_frames)
            self._held_bytes = held

    def _drain(self) -> None:
        while self._backlog:
            part = self._backlog[0]
            sent = self._stream.send(part)
            if not self._stream.is_open:
                self._forget_backlog()
                return
            self._held_bytes -= sent
            if sent < len(part):
                self._backlog[0] = memoryview(part)[sent:]
                self._stream.when_writable(self._drain)
                return
            self._backlog.popleft()
        self._forget_backlog()
        if self.is_lagging:
            self.is_lagging = False
            self.on_caught_up()

    def _forget_backlog(self) -> None:
        self._backlog = None
        self._held_bytes = 0


def accept(environ: dict[str, Any], scheduler: HubScheduler) -> WebSocket:
    """Turn a request that ``handshake.refusal`` lets through into a WebSocket."""
    stream = take_over(environ)
    stream.send(handshake.answer(environ))
    return WebSocket(stream, scheduler)
