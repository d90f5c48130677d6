"""What one client sends: frame after frame, on the hub, in the order in which they came.

A client that sends more at once than a person could gets a few frames done, then has to wait a
moment: a flood fills its own sender's buffers and costs the others next to nothing. While somebody
holds the connection nothing is read, so what follows stays in order behind what waits. At any time
either the stream brings bytes, or a turn is due, or somebody holds: never two of them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from chatapp import limits
from chatapp.gateway import frames
from chatapp.runtime import HubScheduler, Stream

FRAMES_A_TURN = 8
PAUSE_SECONDS = 0.005

log = logging.getLogger(__name__)


class Incoming:
    """``on_frame`` and ``on_broken``, which gets a close code, must not wait; nor must ``on_end``."""

    __slots__ = (
        "_is_deaf",
        "_is_held",
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
    ) -> None:
        self._stream = stream
        self._scheduler = scheduler
        self._on_frame = on_frame
        self._on_broken = on_broken
        self._on_end = on_end
        self._parser = frames.Parser(limits.FRAME_BYTES)
        self._is_held = False
        self._is_deaf = False

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

    def stop_listening(self) -> None:
        """Read on up to the end, and throw it away.

        A socket closed with unread bytes in it resets, and a close code would be lost with it.
        """
        self._is_deaf = True

    def _receive(self, received: bytes) -> None:
        if not received:
            self._on_end()
        elif not self._is_deaf:
            self._parser.feed(received)
            self._take_turn()

    def _take_turn(self) -> None:
        try:
            self._take_frames()
        except frames.ProtocolError as error:
            self._break_off(error.close_code)
        except Exception:
            log.exception("A frame could not be handled")
            self._break_off(frames.INTERNAL_ERROR)

    def _take_frames(self) -> None:
        for _ in range(FRAMES_A_TURN):
            if self._is_deaf or (frame := self._parser.next_message()) is None:
                self._stream.resume()
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
