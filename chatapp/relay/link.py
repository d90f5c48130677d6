"""The link: this node's one connection to Redis, which comes back by itself.

    DOWN ──dialled, greeted, subscribed──▶ UP ──ended, or two pings missed──▶ DOWN, again in 0.2–1 s

It lives on the hub and never waits. What is sent while it is down is lost, and said to be; so is
what was not answered when it goes down. A ping each second shows a Redis that hangs.
"""

from __future__ import annotations

import logging
import random
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from chatapp.relay.resp import Parser, Push, RedisError, command
from chatapp.runtime import HubScheduler, Outflow, Stream, Threads, Timer, dial

DIAL_SECONDS = 1.0
PING_SECONDS = 1.0
PINGS_MISSED = 2
RETRY_SECONDS = (0.2, 1.0)
BACKLOG_BYTES = 16 * 1024 * 1024  # what a Redis that does not read may cost us
DEFAULT_PORT = 6379

logger = logging.getLogger(__name__)

OnReply = Callable[[Any], object]
"""Gets Redis' reply, a ``RedisError`` too; None if there will be none."""


class Link:
    """``on_message`` gets the bytes of each message, ``on_change`` is told when it goes up or down."""

    def __init__(self, url: str, scheduler: HubScheduler) -> None:
        self.is_up = False
        self.on_message: Callable[[bytes], object] = lambda message: None
        self.on_change: Callable[[bool], object] = lambda is_up: None
        self._url = urlsplit(url)
        self._scheduler = scheduler
        self._dialling: Threads[None] = Threads("relay", 1, lambda: None)
        self._channels: tuple[bytes, ...] = ()
        self._stream: Stream | None = None
        self._parser = Parser()
        self._replies: deque[OnReply] = deque()
        self._outflow: Outflow | None = None
        self._pings_unanswered = 0
        self._timer: Timer | None = None
        self._is_stopped = False
        self._has_complained = False

    def start(self) -> None:
        self._dial()

    def stop(self) -> None:
        self._is_stopped = True
        if self._timer is not None:
            self._timer.cancel()
        self._go_down()
        self._dialling.stop(timeout_seconds=0)

    def subscribe(self, *channels: bytes) -> None:
        """Hear these channels, and no others; also after the link has been down."""
        gone, self._channels = set(self._channels).difference(channels), channels
        if self._stream is not None:
            if gone:
                self._send(_ignore, b"UNSUBSCRIBE", *gone, has_reply=False)
            self._send(_ignore, b"SUBSCRIBE", *channels, has_reply=False)

    def publish(self, channels: Sequence[bytes], message: bytes, on_reply: OnReply) -> None:
        """``on_reply`` is called once for each channel."""
        for channel in channels:
            if self.is_up and self._outflow and self._outflow.held_bytes < BACKLOG_BYTES:
                self._send(on_reply, b"PUBLISH", channel, message)
            else:
                self._scheduler.call_soon(on_reply, None)

    # --- up and down ----------------------------------------------------------------------

    def _dial(self) -> None:
        self._timer = None
        self._dialling.submit(lambda _: _dialled(self._url), self._on_dialled)

    def _on_dialled(self, raw: Any) -> None:
        if isinstance(raw, BaseException):
            self._say_once("Redis cannot be reached: %s", type(raw).__name__)
            self._dial_later()
            return
        if self._is_stopped:
            raw.close()
            return
        self._stream, self._parser = Stream(raw), Parser()
        self._outflow = Outflow(self._stream, self._scheduler)
        self._pings_unanswered = 0
        self._stream.on_received = self._on_received
        self._stream.resume()
        self._send(self._on_greeted, *_greeting(self._url))
        self._ping_later()

    def _on_greeted(self, reply: Any) -> None:
        if isinstance(reply, RedisError):
            self._say_once("Redis refuses us: %s", str(reply).partition(" ")[0])
            self._go_down()
        elif reply is not None and self._channels:
            self._send(_ignore, b"SUBSCRIBE", *self._channels, has_reply=False)

    def _go_down(self) -> None:
        stream, self._stream = self._stream, None
        if stream is None:
            return
        stream.close()
        was_up, self.is_up = self.is_up, False
        unanswered, self._replies = self._replies, deque()
        if self._outflow is not None:
            self._outflow.forget()
            self._outflow = None
        if self._timer is not None:
            self._timer.cancel()
        if not self._is_stopped:
            self._dial_later()
        if was_up and not self._is_stopped:
            logger.warning("the link to Redis is down")
            self.on_change(False)
        for on_reply in unanswered:
            self._scheduler.call_soon(on_reply, None)

    def _dial_later(self) -> None:
        if not self._is_stopped:
            self._timer = self._scheduler.call_later(random.uniform(*RETRY_SECONDS), self._dial)

    def _ping_later(self) -> None:
        self._timer = self._scheduler.call_later(PING_SECONDS, self._ping)

    def _ping(self) -> None:
        # Counted, not timed: a process that was stopped for a while has still to read what came.
        if self._pings_unanswered >= PINGS_MISSED:
            self._go_down()
            return
        self._pings_unanswered += 1
        self._send(_ignore, b"PING")
        self._ping_later()

    def _say_once(self, complaint: str, about: str) -> None:
        """Once an outage, however often it is tried."""
        if not self._has_complained:
            self._has_complained = True
            logger.warning(complaint, about)

    # --- out ------------------------------------------------------------------------------

    def _send(self, on_reply: OnReply, *parts: bytes, has_reply: bool = True) -> None:
        """All that is sent in one turn of the hub leaves in one write."""
        if self._outflow is None:
            return
        self._outflow.put(command(*parts))
        if has_reply:
            self._replies.append(on_reply)

    # --- in -------------------------------------------------------------------------------

    def _on_received(self, received: bytes) -> None:
        if not received:
            self._go_down()
            return
        self._pings_unanswered = 0
        try:
            values = self._parser.feed(received)
        except ValueError:
            self._say_once("%s answers, and is not Redis", "something")
            self._go_down()
            return
        for value in values:
            if isinstance(value, Push):
                self._on_push(value)
            elif self._replies:
                self._replies.popleft()(value)

    def _on_push(self, push: Push) -> None:
        kind = push[0]
        if kind == b"message":
            self.on_message(push[2])
        elif kind == b"subscribe" and push[1] == self._channels[-1] and not self.is_up and self._stream:
            self.is_up, self._has_complained = True, False
            logger.info("the link to Redis is up")
            self.on_change(True)


def _dialled(url: SplitResult) -> Any:
    address = url.path if url.scheme == "unix" else (url.hostname or "localhost", url.port or DEFAULT_PORT)
    return dial(address, timeout_seconds=DIAL_SECONDS, is_tls=url.scheme == "rediss")


def _greeting(url: SplitResult) -> list[bytes]:
    greeting = [b"HELLO", b"3"]
    if url.password:
        greeting += [b"AUTH", unquote(url.username or "default").encode(), unquote(url.password).encode()]
    return greeting


def _ignore(_reply: object) -> None:
    """Nobody waits for it; the link itself has seen that something came."""
