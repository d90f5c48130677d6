"""Arrivals: connections whose next request has not come as a whole.

They are read on the hub, cost no greenlet, have thirty seconds for a head and then as many as their
body needs, and are counted: an address has a share of them, and so has the node. A connection that was
answered and says nothing yet is idle; of those too an address has only so many, and the one idle for
longest is closed, which HTTP allows at any time. Peers that are trusted proxies bring many people's
connections: they are counted and have no share.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from eventlet import hubs

from chatapp.runtime.bounds.bounds import Bounds, Meter
from chatapp.runtime.bounds.shares import Shares
from chatapp.runtime.hub.hub import run_logged
from chatapp.runtime.requests.gathering import Gathering, Request
from chatapp.runtime.requests.heads import NotARequest, refusal
from chatapp.runtime.requests.no_place import no_place

log = logging.getLogger(__name__)

RECEIVE_BYTES = 65_536
KEEPALIVE_SECONDS = 75.0  # more than the proxy in front keeps a connection
LINGER_SECONDS = 2.0  # in which a client may take its refusal; a reset would destroy it
LEAVING_BODY_SECONDS = 10.0  # the same, where a long body may be on its way


class Arrival:
    """One connection, between requests."""

    __slots__ = (
        *("gathering", "green", "held_bytes", "is_idle", "is_leaving"),
        *("listener", "peer", "raw", "share", "timer"),
    )

    def __init__(self, raw: Any, peer: Any, share: str | None) -> None:
        self.raw = raw
        self.green: Any = None  # eventlet's socket around it, from its first request on
        self.peer = peer
        self.share = share  # the address it counts for
        self.gathering = Gathering()
        self.held_bytes = 0  # as far as they are reckoned with
        self.is_idle = False
        self.is_leaving = False
        self.listener: Any = None
        self.timer: Any = None


class Arrivals:
    """``on_request`` gets a connection with its request; ``take_back`` is for when that is answered."""

    def __init__(
        self,
        on_request: Callable[[Arrival, Request], object],
        share_of: Callable[[str], str | None],
        meter: Meter,
        bounds: Bounds,
    ) -> None:
        self._on_request = on_request
        self._share_of = share_of
        self._meter = meter
        self._bounds = bounds
        self.waiting: Shares[Arrival] = Shares(each=bounds.each, total=bounds.total, evict=self._evict)
        self.idle: Shares[Arrival] = Shares(each=bounds.each, total=bounds.total, evict=self._close_idle)
        self._held_bytes = 0

    # --- they come ---

    def receive(self, raw: Any, peer: Any) -> None:
        """A new connection. What it has sent already is looked at first: most never wait."""
        arrival = Arrival(raw, peer, self._share_of(_host(peer)))
        if not self._read(arrival):
            self._begin_to_wait(arrival)

    def take_back(self, arrival: Arrival, rest: bytes) -> None:
        """A connection whose request was answered; ``rest`` came behind it."""
        arrival.gathering = Gathering()
        if rest and self._hear(arrival, rest):
            return
        if arrival.gathering.has_begun:
            self._begin_to_wait(arrival)
            return
        arrival.is_idle = True
        self._listen(arrival, KEEPALIVE_SECONDS)
        self.idle.add(arrival.share, arrival)

    def make_room(self) -> bool:
        """Give a descriptor back that nobody is served by."""
        return self.idle.evict_one("descriptors") or self.waiting.evict_one("descriptors")

    def refuse(self, raw: Any, reason: str) -> None:
        """Say no to a connection that has no place, and end it at once."""
        self._meter.connection_refused(reason)
        log.warning("a connection was refused: %s", reason)
        with suppress(OSError):
            raw.send(no_place(reason))
        _close(raw)

    def refuse_body(self, arrival: Arrival, reason: str) -> None:
        """The same to one whose long body has no place; it may be sending it already."""
        self._meter.connection_refused(reason)
        self._leave(arrival, no_place(f"{reason} bodies"), LEAVING_BODY_SECONDS)

    def leave(self, arrival: Arrival, answer: bytes = b"") -> None:
        """The last thing it hears, if it has not heard that; a body that is under way is read past."""
        self._leave(arrival, answer, LEAVING_BODY_SECONDS)

    def close(self) -> None:
        for arrival in (*self.waiting.everything(), *self.idle.everything()):
            self._end(arrival)

    # --- they say something ---

    def _begin_to_wait(self, arrival: Arrival) -> None:
        self._listen(arrival, arrival.gathering.seconds)
        self._reckon(arrival, arrival.gathering.held_bytes)
        self.waiting.add(arrival.share, arrival)
        self._keep_within_bytes()

    def _listen(self, arrival: Arrival, seconds: float) -> None:
        hub = hubs.get_hub()
        if arrival.listener is None:

            def on_readable(_fd: int) -> None:
                run_logged(self._on_readable, arrival)

            arrival.listener = hub.add(hub.READ, arrival.raw.fileno(), on_readable, _ignore, None)
        self._end_at(arrival, seconds)

    def _end_at(self, arrival: Arrival, seconds: float) -> None:
        if arrival.timer is not None:
            arrival.timer.cancel()
        arrival.timer = hubs.get_hub().schedule_call_global(seconds, run_logged, self._on_deadline, arrival)

    def _on_readable(self, arrival: Arrival) -> None:
        if arrival.listener is None:  # the hub still calls what was removed in the same turn
            return
        if arrival.is_idle:
            self._forget(arrival)
            arrival.is_idle = False
            if not self._read(arrival):
                self._begin_to_wait(arrival)
            return
        seconds = arrival.gathering.seconds
        if self._read(arrival):
            return
        self._reckon(arrival, arrival.gathering.held_bytes)
        if arrival.gathering.seconds > seconds:  # its head is here, and says how long its body is
            self._end_at(arrival, arrival.gathering.seconds)
        self._keep_within_bytes()

    def _keep_within_bytes(self) -> None:
        if self._held_bytes > self._bounds.held_bytes:
            self._evict(max(self.waiting.everything(), key=lambda other: other.held_bytes), "bytes")

    def _reckon(self, arrival: Arrival, held_bytes: int) -> None:
        self._held_bytes += held_bytes - arrival.held_bytes
        arrival.held_bytes = held_bytes

    def _read(self, arrival: Arrival) -> bool:
        """Whether it needs no more waiting for: its request is whole, or it is over."""
        try:
            received = arrival.raw.recv(RECEIVE_BYTES)
        except BlockingIOError:
            return False
        except OSError:
            received = b""
        if not received:
            self._end(arrival)
            return True
        return not arrival.is_leaving and self._hear(arrival, received)

    def _hear(self, arrival: Arrival, received: bytes) -> bool:
        gathering = arrival.gathering
        try:
            request = gathering.feed(received)
        except NotARequest as error:
            self._meter.connection_refused("malformed")
            self._forget(arrival)
            self._leave(arrival, error.answer)
            return True
        if gathering.is_to_be_asked:
            gathering.is_to_be_asked = False
            if request is None:
                with suppress(OSError):
                    arrival.raw.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        if request is None:
            return False
        self._forget(arrival)
        self._on_request(arrival, request)
        return True

    # --- they go ---

    def _leave(self, arrival: Arrival, answer: bytes, seconds: float = LINGER_SECONDS) -> None:
        """The last thing it hears; what it goes on to say is read past for a moment."""
        arrival.is_leaving = True
        arrival.gathering = Gathering()
        with suppress(OSError):
            if answer:
                arrival.raw.send(answer)
            arrival.raw.shutdown(1)
        self._listen(arrival, seconds)
        self.waiting.add(arrival.share, arrival)

    def _on_deadline(self, arrival: Arrival) -> None:
        if arrival.is_idle or arrival.is_leaving:
            self._end(arrival)
            return
        self._meter.connection_refused("slow")
        has_begun = arrival.gathering.has_begun
        self._forget(arrival)
        if has_begun:
            words = "The request did not come in time."
            self._leave(arrival, refusal("408 Request Timeout", "bad_request", words))
        else:
            _close(arrival.raw)

    def _evict(self, arrival: Arrival, reason: str) -> None:
        self._forget(arrival)
        self.refuse(arrival.raw, reason)

    def _close_idle(self, arrival: Arrival, _reason: str) -> None:
        self._end(arrival)

    def _end(self, arrival: Arrival) -> None:
        self._forget(arrival)
        _close(arrival.raw)

    def _forget(self, arrival: Arrival) -> None:
        """Wait for it no more."""
        if arrival.listener is not None:
            hubs.get_hub().remove(arrival.listener)
            arrival.listener = None
        if arrival.timer is not None:
            arrival.timer.cancel()
            arrival.timer = None
        self._reckon(arrival, 0)
        (self.idle if arrival.is_idle else self.waiting).remove(arrival.share, arrival)


def _host(peer: Any) -> str:
    return str(peer[0]) if isinstance(peer, tuple) and peer else ""


def _close(raw: Any) -> None:
    with suppress(OSError):
        raw.close()


def _ignore(*_: object) -> None:
    """The hub wants somebody to tell that a descriptor was closed; nobody waits here."""
