"""A WebSocket connection: frames come in on the hub, anybody writes, nobody waits for a slow reader.

What one turn of the hub has for a connection leaves in one write, at the end of the turn. What the
socket does not take is held back, in order, up to 1 MiB or 10 seconds; beyond that the connection is
*lagging* and loses every further broadcast until it has caught up, which is told once. While anything
is held back no further request is read, so nobody heaps up answers by asking and not reading. So a
reader that stops costs at most a bounded piece of memory, and never anybody else's time; what all of
them cost together is bounded by ``holder``'s budgets.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatapp.gateway.wire import frames, handshake
from chatapp.gateway.wire.incoming import Incoming
from chatapp.limits.held import Holder
from chatapp.runtime import HubScheduler, Outflow, Stream, take_over

BACKLOG_BYTES = 1_048_576
BACKLOG_SECONDS = 10
# For answers, which are not dropped: several of the largest pages of history.
BACKLOG_LIMIT_BYTES = 8 * BACKLOG_BYTES
CLOSE_GRACE_SECONDS = 2


def nothing(*_: object) -> None:
    """For those who do not ask to be told."""


class WebSocket(Outflow):
    """What it calls, runs on the hub and must not wait.

    ``on_message`` gets each message, ``on_end`` is called once, when the connection is over.
    """

    __slots__ = (
        "_behind_since",
        "_incoming",
        "_is_closing",
        "holder",
        "is_lagging",
        "is_sign_of_life",
        "on_caught_up",
        "on_end",
        "on_lagging",
        "on_message",
        "on_pong",
    )

    def __init__(self, stream: Stream, scheduler: HubScheduler) -> None:
        super().__init__(stream, scheduler)
        self._incoming = Incoming(
            stream,
            scheduler,
            on_frame=self._on_frame,
            on_broken=self._on_broken,
            on_end=self._on_end,
            brings_no_answer=self._brings_no_answer,
        )
        self._behind_since = 0.0
        self._is_closing = False
        self.is_lagging = False
        self.holder: Holder | None = None  # its part of the budgets; None: it is not counted
        self.is_sign_of_life: Callable[[str | bytes], object] = nothing
        self.on_message: Callable[[str | bytes], object] = nothing
        self.on_end: Callable[[], object] = nothing
        self.on_pong: Callable[[], object] = nothing
        self.on_lagging: Callable[[], object] = nothing
        self.on_caught_up: Callable[[], object] = nothing

    @property
    def is_open(self) -> bool:
        return self._stream.is_open and not self._is_closing

    def start(self, early: bytes) -> None:
        """Hear the client, from the hub's next turn on. ``early`` came along with its request."""
        self._incoming.start(early)

    def count_as(self, holder: Holder) -> None:
        """From now on what is held back here is a part of the budgets."""
        self.holder = holder
        holder.change(self.held_bytes)

    def hold(self) -> None:
        """Called from ``on_message``, whose work goes on elsewhere: nothing more until ``go_on``."""
        self._incoming.hold()

    def go_on(self) -> None:
        self._incoming.go_on()

    def send(self, ready_frames: bytes, *, is_broadcast: bool = False) -> None:
        """Send whole frames. A broadcast may be dropped for a reader that lags, an answer not."""
        if self._is_closing:
            return
        if self._backlog is not None:
            self._hold(ready_frames, is_broadcast)
            return
        self.put(ready_frames)

    def broadcast_now(self, ready_frames: bytes) -> None:
        """The same for one of very many: the write is done at once, behind what was to leave."""
        if self._leaving or self._backlog is not None:
            self.send(ready_frames, is_broadcast=True)
        elif not self._is_closing:
            self.write(ready_frames)

    def send_text(self, text: str | bytes) -> None:
        self.send(frames.frame(frames.TEXT, text.encode() if isinstance(text, str) else text))

    def ping(self) -> None:
        self.send(frames.frame(frames.PING))
        self.mark()

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
        self.forget()

    def _on_frame(self, frame: frames.Message) -> None:
        if frame.opcode == frames.CLOSE:
            self._answer_close(frame.content)
        elif frame.opcode in (frames.TEXT, frames.BINARY):
            if not self._is_closing:
                self.on_message(frame.content)
        else:
            self._on_control(frame)

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
        self._incoming.stop_listening()
        self._stream.shut_down()
        self.forget()

    def _on_broken(self, code: int) -> None:
        self.close(code)
        if self._backlog is None:
            self._stream.end_sending()

    def _on_end(self) -> None:
        self.abort()
        self._stream.close()
        self.on_end()

    def _end_with(self, last_frame: bytes) -> None:
        self.let_leave()
        self._is_closing = True
        self._incoming.answer_again()  # to hear the client's own goodbye
        if self._backlog is None:
            self._stream.send(last_frame)
        else:
            self.keep_only(last_frame)  # the rest would only delay the goodbye

    def _hold(self, ready_frames: bytes, is_broadcast: bool) -> None:
        assert self._backlog is not None
        held = self.held_bytes + len(ready_frames)
        is_behind = held > BACKLOG_BYTES or self._scheduler.elapsed() - self._behind_since > BACKLOG_SECONDS
        if is_broadcast and (is_behind or self.is_lagging):
            if not self.is_lagging:
                self.is_lagging = True
                self.on_lagging()
        elif held > BACKLOG_LIMIT_BYTES:
            self._cut_off()
        else:
            self.put(ready_frames)

    def _cut_off(self) -> None:
        if self.holder is not None:
            self.holder.cut_off("connection")
        else:
            self.abort()

    def _brings_no_answer(self, frame: frames.Message) -> bool:
        is_control = frame.opcode not in (frames.TEXT, frames.BINARY)
        return is_control or bool(self.is_sign_of_life(frame.content))

    def fell_behind(self) -> None:
        self._behind_since = self._scheduler.elapsed()
        self._incoming.answer_no_more()

    def held_changed(self, difference: int) -> None:
        if self.holder is not None:
            self.holder.change(difference)

    def forget(self) -> None:
        super().forget()
        self._incoming.answer_again()

    def caught_up(self) -> None:
        if self.is_lagging:
            self.is_lagging = False
            self.on_caught_up()


def accept(environ: dict[str, Any], scheduler: HubScheduler) -> WebSocket:
    """Turn a request that ``handshake.refusal`` lets through into a WebSocket.

    Nothing is called before the hub's next turn: set until then who is to be told of what.
    """
    stream, early = take_over(environ)
    stream.send(handshake.answer(environ))
    websocket = WebSocket(stream, scheduler)
    websocket.start(early)
    return websocket
