"""The link: this node's one connection to Redis, which comes back by itself.

    DOWN ──dialled, greeted, subscribed──▶ UP ──ended, or two pings missed──▶ DOWN, again in 0.2–1 s

It lives on the hub and never waits. What is sent while it is down is lost, and said to be; so is
what was not answered when it goes down. A ping each second shows a Redis that hangs. Before it is up
it has published something to each of its channels: a user who may hear and not speak is no link.
"""

from __future__ import annotations

import logging
import random
import ssl
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from chatapp.outages import Outage
from chatapp.relay.address import RedisAddress
from chatapp.relay.resp import Parser, Push, RedisError, command
from chatapp.runtime import HubScheduler, Outflow, Stream, Threads, Timer, dial

DIAL_SECONDS = 1.0
PING_SECONDS = 1.0
PINGS_MISSED = 2
RETRY_SECONDS = (0.2, 1.0)
BACKLOG_BYTES = 16 * 1024 * 1024  # what a Redis that does not read may cost us
_SUBSCRIBED = (b"subscribe", b"unsubscribe")  # the replies of RESP3 to commands of these names
_NOTHING = b""  # what is published only to see whether one may

logger = logging.getLogger(__name__)

OnReply = Callable[[Any], object]
"""Gets Redis' reply, a ``RedisError`` too; None if there will be none."""


class Link:
    """``on_message`` gets the bytes of each message, ``on_change`` is told when it goes up or down."""

    def __init__(self, url: str, scheduler: HubScheduler) -> None:
        self.is_up = False
        self.is_refused = False  # Redis answers and wants none of us, and never has since the start
        self.on_message: Callable[[bytes], object] = lambda message: None
        self.on_change: Callable[[bool], object] = lambda is_up: None
        self._address = RedisAddress.of(url)
        self._scheduler = scheduler
        self._dialling: Threads[None] = Threads("relay", 1, lambda: None)
        self._channels: tuple[bytes, ...] = ()
        self._raw: Any = None
        self._stream: Stream | None = None
        self._parser = Parser()
        self._replies: deque[OnReply] = deque()
        self._outflow: Outflow | None = None
        self._pings_unanswered = 0
        self._timer: Timer | None = None
        self._is_stopped = False
        self._has_been_up = False
        self._outage = Outage("Redis", logger, scheduler.elapsed, calm_seconds=0)

    @property
    def trouble(self) -> str | None:
        """Why it is down, in the words of Redis where it has said some."""
        return self._outage.reason

    def start(self) -> None:
        self._dial()

    def stop(self) -> None:
        self._is_stopped = True
        if self._timer is not None:
            self._timer.cancel()
        self._go_down("this node stops")
        self._dialling.stop(timeout_seconds=0)

    def subscribe(self, *channels: bytes) -> None:
        """Hear these channels, and no others; also after the link has been down."""
        gone, self._channels = set(self._channels).difference(channels), channels
        if self._stream is not None:
            for channel in gone:
                self._send(_ignore, b"UNSUBSCRIBE", channel)
            self._subscribe()

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
        self._dialling.submit(lambda _: _dialled(self._address), self._on_dialled)

    def _on_dialled(self, raw: Any) -> None:
        if isinstance(raw, BaseException):
            if not self._is_stopped:
                self._refuse(raw) if isinstance(raw, ssl.SSLCertVerificationError) else self._fail(raw)
                self._dial_later()
            return
        if self._is_stopped:
            raw.close()
            return
        self._raw, self._stream, self._parser = raw, Stream(raw), Parser()
        self._outflow = Outflow(self._stream, self._scheduler)
        self._pings_unanswered = 0
        self._stream.on_received = self._on_received
        self._stream.resume()
        self._send(self._on_greeted, *_greeting(self._address))
        self._ping_later()

    def _on_greeted(self, reply: Any) -> None:
        if self._is_fine(reply) and self._channels:
            self._subscribe()

    def _subscribe(self) -> None:
        for channel in self._channels:
            self._send(self._is_fine, b"SUBSCRIBE", channel)
        for channel in self._channels[:-1]:
            self._send(self._is_fine, b"PUBLISH", channel, _NOTHING)
        self._send(self._on_heard, b"PUBLISH", self._channels[-1], _NOTHING)

    def _is_fine(self, reply: Any) -> bool:
        """False if this was a refusal; then the link is down by now."""
        if isinstance(reply, RedisError):
            self._refuse(reply)
            self._go_down(str(reply))
        return reply is not None and not isinstance(reply, RedisError)

    def _on_heard(self, reply: Any) -> None:
        if not self._is_fine(reply) or self.is_up:
            return
        self.is_up, self._has_been_up, self.is_refused = True, True, False
        if self._outage.is_on:
            self._outage.worked()
        else:
            logger.info("the link to Redis is up")
        self.on_change(True)

    def _refuse(self, reason: Exception) -> None:
        self.is_refused = not self._has_been_up
        self._outage.failed(str(reason))

    def _fail(self, error: BaseException) -> None:
        self._outage.failed(str(error) or type(error).__name__)

    def _go_down(self, reason: str) -> None:
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
            self._outage.failed(reason)
            self._dial_later()
            if was_up:
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
            self._go_down(f"nothing came for {PINGS_MISSED} s")
            return
        self._pings_unanswered += 1
        self._send(_ignore, b"PING")
        self._ping_later()

    # --- out ------------------------------------------------------------------------------

    def _send(self, on_reply: OnReply, *parts: bytes) -> None:
        """All that is sent in one turn of the hub leaves in one write."""
        if self._outflow is not None:
            self._outflow.put(command(*parts))
            self._replies.append(on_reply)

    # --- in -------------------------------------------------------------------------------

    def _on_received(self, received: bytes) -> None:
        if not received:
            self._go_down(getattr(self._raw, "ended_by", None) or "it ended the connection")
            return
        self._pings_unanswered = 0
        try:
            values = self._parser.feed(received)
        except ValueError:
            self._go_down("something answers that is not Redis")
            return
        for value in values:
            if isinstance(value, Push) and value[0] == b"message":
                self.on_message(value[2])
            elif self._replies and (not isinstance(value, Push) or value[0] in _SUBSCRIBED):
                self._replies.popleft()(value)


def _dialled(address: RedisAddress) -> Any:
    return dial(address.place, timeout_seconds=DIAL_SECONDS, tls=address.tls)


def _greeting(address: RedisAddress) -> list[bytes]:
    greeting = [b"HELLO", b"3"]
    if address.password:
        greeting += [b"AUTH", (address.username or "default").encode(), address.password.encode()]
    return greeting


def _ignore(_reply: object) -> None:
    """Nobody waits for it; the link itself has seen that something came."""
