"""Rates: the bouncer of one node, which knows what the others let pass.

The promise: a refusal consumes nothing and says when to ask again, a check costs about a
microsecond and never waits, and no number of strangers makes the memory grow without end.

Over several nodes nobody is asked: each node tells what it let pass, and the others enter it as if
they had. So a burst may pass at every node at once, but it leaves a debt: over time a person gets
the rate and one burst, at however many nodes. Why: docs/decisions, limits over nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from math import ceil
from typing import Any

from chatapp.errors import RateLimited, TooManyConnections
from chatapp.limits import (
    CONNECTIONS_PER_IP,
    CONNECTIONS_PER_USER,
    EVENTS_PER_CONNECTION,
    JOINS_PER_USER,
    MESSAGES_PER_IP,
    MESSAGES_PER_ROOM,
    MESSAGES_PER_USER,
    NEW_ROOMS_PER_USER,
    SIGN_INS_PER_IP,
    TYPING,
)
from chatapp.limits.buckets import Buckets
from chatapp.limits.census import Census

CROWD_RETRY_MS = 5_000
_ROUNDING = 1e-6  # seconds; sums of fractions are not exact


class Rates:
    """Each `check_…` passes in silence or raises `RateLimited`.

    `elapsed` gives seconds on a clock that only goes forward. With `is_on` False (load tests)
    everything passes and no connection is counted; sizes are not its concern.
    """

    def __init__(self, elapsed: Callable[[], float], *, is_on: bool = True) -> None:
        self.people = Census()
        self.addresses = Census()
        self._elapsed = elapsed
        self._is_on = is_on
        self._events = Buckets(EVENTS_PER_CONNECTION)
        self._typing = Buckets(TYPING)
        self._messages_of_user = Buckets(MESSAGES_PER_USER)
        self._messages_of_ip = Buckets(MESSAGES_PER_IP)
        self._messages_in_room = Buckets(MESSAGES_PER_ROOM)
        self._joins = Buckets(JOINS_PER_USER)
        self._new_rooms = Buckets(NEW_ROOMS_PER_USER)
        self._sign_ins = Buckets(SIGN_INS_PER_IP)
        self._shared = {
            "message:user": self._messages_of_user,
            "message:ip": self._messages_of_ip,
            "message:room": self._messages_in_room,
            "join:user": self._joins,
            "room:user": self._new_rooms,
            "sign-in:ip": self._sign_ins,
        }
        self._on_news: Callable[[], object] = lambda: None

    # --- rates ----------------------------------------------------------------------------

    def check_event(self, connection_id: str) -> None:
        """Any event of a connection, before it is looked at."""
        self._take((self._events, connection_id))

    def check_typing(self, *, user_id: str, room_id: str) -> None:
        self._take((self._typing, (user_id, room_id)))

    def check_message(self, *, user_id: str, ip: str, room_id: str) -> None:
        self._take(
            (self._messages_of_user, user_id),
            (self._messages_of_ip, ip),
            (self._messages_in_room, room_id),
        )
        self._on_news()

    def check_join(self, user_id: str) -> None:
        self._take((self._joins, user_id))
        self._on_news()

    def check_new_room(self, user_id: str) -> None:
        self._take((self._new_rooms, user_id))
        self._on_news()

    def check_sign_in(self, ip: str) -> None:
        self._take((self._sign_ins, ip))
        self._on_news()

    def _take(self, *wanted: tuple[Buckets, Hashable]) -> None:
        if not self._is_on:
            return
        now = self._elapsed()
        # All are asked before any is used: a refusal by the room costs the person nothing.
        wait = max(buckets.wait(key, now) for buckets, key in wanted)
        if wait > _ROUNDING:
            raise RateLimited(retry_after_ms=ceil(wait * 1000))
        for buckets, key in wanted:
            buckets.take(key, now)

    # --- open connections -----------------------------------------------------------------

    def check_line(self, ip: str) -> None:
        """Whether one more connection may come from this address (`TooManyConnections`)."""
        if self._is_on and self.addresses.count(ip) >= CONNECTIONS_PER_IP:
            raise TooManyConnections(
                "This address has too many open connections.", retry_after_ms=CROWD_RETRY_MS
            )

    def open_line(self, ip: str) -> None:
        """Count a connection of an address, from before it says whose it is until `close_line`."""
        self.check_line(ip)
        if self._is_on:
            self.addresses.add(ip)
            self._on_news()

    def close_line(self, ip: str) -> None:
        if self._is_on:
            self.addresses.remove(ip)
            self._on_news()

    def open_connection(self, user_id: str) -> None:
        """Count a connection of a person; a refused one (`TooManyConnections`) is not counted."""
        if not self._is_on:
            return
        if self.people.count(user_id) >= CONNECTIONS_PER_USER:
            raise TooManyConnections(
                "This person has too many open connections.", retry_after_ms=CROWD_RETRY_MS
            )
        self.people.add(user_id)
        self._on_news()

    def close_connection(self, user_id: str) -> None:
        """The end of a connection that `open_connection` let in."""
        if self._is_on:
            self.people.remove(user_id)
            self._on_news()

    # --- over several nodes ---------------------------------------------------------------

    def share(self, on_news: Callable[[], object]) -> None:
        """From now on there are other nodes. ``on_news`` is called whenever there is something to tell."""
        if not self._is_on:
            return
        for buckets in self._shared.values():
            buckets.share()
        for census in (self.people, self.addresses):
            census.share()
        self._on_news = on_news

    def be_strict(self, is_strict: bool) -> None:
        """While the others are not heard each node lets pass half as much of what they share."""
        for buckets in self._shared.values():
            buckets.be_strict(is_strict)

    def report(self) -> dict[str, Mapping[Any, int]]:
        """What was used here since the last report: by rate, how often each key."""
        return {name: used for name, buckets in self._shared.items() if (used := buckets.report())}

    def hear(self, report: Mapping[str, Mapping[str, int]]) -> None:
        """What was used at another node; rates that only a newer node knows are passed over."""
        now = self._elapsed()
        for name in report.keys() & self._shared.keys():
            for key, times in report[name].items():
                self._shared[name].hear(key, times, now)
