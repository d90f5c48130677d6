"""What one client sends: frame after frame, on the hub, in the order in which they came.

A client that sends more at once than a person could gets a few frames done, then has to wait a
moment: a flood fills its own sender's buffers and costs the others next to nothing. While somebody
holds the connection nothing is read, so what follows stays in order behind what waits. At any time
either the stream brings bytes, or a turn is due, or somebody holds: never two of them.

Who does not take what it has asked for is not asked what else it wants: while that lasts the first
frame that would bring an answer is kept, and nothing behind it is read. Signs of life come through
until then, and the network's own windows tell the client to wait.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from chatapp import limits
from chatapp.gateway.wire import frames
from chatapp.runtime import HubScheduler, Stream

FRAMES_A_TURN = 8
PAUSE_SECONDS = 0.005

log = logging.getLogger(__name__)


class Incoming:
    """``on_frame`` and ``on_broken``, which gets a close code, must not wait; nor must ``on_end``."""

    __slots__ = (
        "_brings_no_answer",
        "_is_deaf",
        "_is_full",
        "_is_held",
        "_kept",
        "_on_broken",
        "_on_end",
        "_on_frame",
        "_parser",
        "_scheduler",
        "_stream",
    )

    def __init__(
        self,
        stream: Stream,
        scheduler: HubScheduler,
        *,
        on_frame: Callable[[frames.Message], object],
        on_broken: Callable[[int], object],
        on_end: Callable[[], object],
        brings_no_answer: Callable[[frames.Message], bool],
    ) -> None:
        """``brings_no_answer`` says which frames may be heard while the client takes nothing."""
        self._stream = stream
        self._scheduler = scheduler
        self._on_frame = on_frame
        self._on_broken = on_broken
        self._on_end = on_end
        self._brings_no_answer = brings_no_answer
        self._parser = frames.Parser(limits.FRAME_BYTES)
        self._is_held = False
        self._is_deaf = False
        self._is_full = False  # the client does not take its answers
        self._kept: frames.Message | None = None  # heard, and not to be answered yet

    def start(self, early: bytes) -> None:
        """Take frames from the hub's next turn on, first those of ``early``."""
        self._stream.on_received = self._receive
        self._parser.feed(early)
        self._scheduler.call_soon(self._take_turn)

    def hold(self) -> None:
        """Called from ``on_frame``: nothing more, not even the end, until ``go_on``."""
        self._is_held = True
        self._stream.pause()

    def go_on(self) -> None:
        self._is_held = False
        self._scheduler.call_soon(self._take_turn)

    def answer_no_more(self) -> None:
        """The client takes nothing: keep what would bring an answer, until ``answer_again``."""
        self._is_full = True

    def answer_again(self) -> None:
        self._is_full = False
        if self._kept is not None:
            self._scheduler.call_soon(self._go_on_with_kept)

    def stop_listening(self) -> None:
        """Read on up to the end, and throw it away.

        A socket closed with unread bytes in it resets, and a close code would be lost with it.
        """
        self._is_deaf = True
        self._kept = None

    def _receive(self, received: bytes) -> None:
        if not received:
            self._on_end()
        elif not self._is_deaf:
            self._parser.feed(received)
            self._take_turn()

    def _go_on_with_kept(self) -> None:
        if self._is_full:  # again, in the meantime
            return
        kept, self._kept = self._kept, None
        if kept is not None:
            self._take_turn(kept)

    def _take_turn(self, first: frames.Message | None = None) -> None:
        try:
            self._take_frames(first)
        except frames.ProtocolError as error:
            self._break_off(error.close_code)
        except Exception:
            log.exception("A frame could not be handled")
            self._break_off(frames.INTERNAL_ERROR)

    def _take_frames(self, first: frames.Message | None) -> None:
        for _ in range(FRAMES_A_TURN):
            frame, first = first or (None if self._is_deaf else self._parser.next_message()), None
            if frame is None:
                self._stream.resume()
                return
            if self._is_full and not self._brings_no_answer(frame):
                self._kept = frame
                self._stream.pause()
                return
            self._on_frame(frame)
            if self._is_held:
                return
        self._stream.pause()
        self._scheduler.call_later(PAUSE_SECONDS, self._take_turn)

    def _break_off(self, close_code: int) -> None:
        self.stop_listening()
        self._on_broken(close_code)
        self._stream.resume()
