"""Rates: the bouncer of one node, which knows what the others let pass.

The promise: a refusal consumes nothing and says who is over which limit and when to ask again, a
check costs about a microsecond and never waits, and no number of strangers makes the memory grow
without end.

Over several nodes nobody is asked: each node tells what it let pass, and the others enter it as if
they had. So a burst may pass at every node at once, but it leaves a debt: over time a person gets
the rate and one burst, at however many nodes. Why: docs/decisions, limits over nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from math import ceil
from typing import Any

from chatapp.errors import ChatError, RateLimited, TooManyConnections
from chatapp.limits import CONNECTIONS_PER_IP, CONNECTIONS_PER_USER
from chatapp.limits.buckets import Buckets
from chatapp.limits.census import Census
from chatapp.limits.crowded import Crowded
from chatapp.limits.table import (
    LIMITS,
    OPEN_CONNECTIONS_OF_ADDRESS,
    OPEN_CONNECTIONS_OF_PERSON,
    WORDS,
)

CROWD_RETRY_MS = 5_000
_ROUNDING = 1e-6  # seconds; sums of fractions are not exact

_Wanted = tuple[str, Hashable, int]  # the limit's name, whose, and how much


class Rates:
    """Each `check_…`, and `uploading`, passes in silence or raises `RateLimited`.

    `elapsed` gives seconds on a clock that only goes forward, `on_refused` is told the name of the
    limit. With `is_on` False (load tests) everything passes and no connection is counted; sizes are
    not its concern. A `weight` is in bytes, from `weights`; `ip` is whatever counts as one address.
    """

    def __init__(
        self,
        elapsed: Callable[[], float],
        *,
        is_on: bool = True,
        on_refused: Callable[[str], object] = lambda name: None,
    ) -> None:
        self.people = Census()
        self.addresses = Census()
        self.crowded = Crowded()
        self._elapsed = elapsed
        self.is_on = is_on
        self._on_refused = on_refused
        self._buckets = {limit.name: Buckets(limit.rate) for limit in LIMITS}
        self._limits = {limit.name: limit for limit in LIMITS}
        self._shared = {limit.name: self._buckets[limit.name] for limit in LIMITS if limit.is_shared}
        self._on_news: Callable[[], object] = lambda: None

    # --- rates ----------------------------------------------------------------------------

    def check_event(self, connection_id: str) -> None:
        """Any event of a connection, before it is looked at."""
        self._take(("event:connection", connection_id, 1))

    def check_request(self, user_id: str) -> None:
        """Any request of a person over HTTP, before the table is asked who they are."""
        self._take(("request:user", user_id, 1))

    def check_file(self, user_id: str) -> None:
        """A request for a file, which is none of ``check_request``: a page asks for many at once."""
        self._take(("file:user", user_id, 1))

    def check_typing(self, *, user_id: str, room_id: str) -> None:
        self._take(("typing:user", (user_id, room_id), 1))

    def check_message(
        self, *, user_id: str, ip: str, room_id: str, weight: int = 0, is_inside: bool = True
    ) -> None:
        """``is_inside``: the author is in the room. Those who are not can silence only each other."""
        self._take(
            ("message:user", user_id, 1),
            ("message:ip", ip, 1),
            ("message:room" if is_inside else "message:outside", room_id, 1),
            ("bytes:ip", ip, weight),
        )
        self._on_news()

    def check_reaction(
        self, *, user_id: str, ip: str, room_id: str, weight: int, is_inside: bool = True
    ) -> None:
        """``is_inside`` as above."""
        self._take(
            ("reaction:user", user_id, 1),
            ("reaction:room" if is_inside else "message:outside", room_id, 1),
            ("bytes:ip", ip, weight),
        )
        self._on_news()

    def check_join(self, *, user_id: str, ip: str, weight: int = 0) -> None:
        self._take(("join:user", user_id, 1), ("join:ip", ip, 1), ("bytes:ip", ip, weight))
        self._on_news()

    def check_new_room(self, *, user_id: str, ip: str, weight: int = 0) -> None:
        self._take(("room:user", user_id, 1), ("room:ip", ip, 1), ("bytes:ip", ip, weight))
        self._on_news()

    def check_attachment(self, *, ip: str, weight: int) -> None:
        self._take(("bytes:ip", ip, weight))
        self._on_news()

    def check_sign_in(self, ip: str) -> None:
        self._take(("sign-in:ip", ip, 1))
        self._on_news()

    def check_new_guest(self, *, ip: str, weight: int = 0) -> None:
        """A sign-in that makes a person; ``check_sign_in`` was asked before."""
        self._take(("guest:ip", ip, 1), ("bytes:ip", ip, weight))
        self._on_news()

    def check_look(self, *, user_id: str, ip: str) -> None:
        """A reading in a room that one is not in."""
        self._take(("look:user", user_id, 1), ("look:ip", ip, 1))

    def check_search(self, *, user_id: str, ip: str) -> None:
        self._take(("search:user", user_id, 1), ("search:ip", ip, 1))

    @contextmanager
    def uploading(self, *, ip: str, share: int, weight: int) -> Iterator[None]:
        """A file begins; ``share`` is its size in thousandths of the largest.

        What it has taken is given back where it is refused meanwhile, by something that has to be looked up.
        """
        wanted: tuple[_Wanted, ...] = (("upload:ip", ip, share), ("bytes:ip", ip, weight))
        self._take(*wanted)
        try:
            yield
        except ChatError:
            self._give_back(wanted)
            raise
        finally:
            self._on_news()

    def check_glance(self, ip: str) -> None:
        """A look at who is in a room, by somebody who has not said yet who they are."""
        self._take(("look:ip", ip, 1))

    def _take(self, *wanted: _Wanted) -> None:
        if not self.is_on:
            return
        now, buckets = self._elapsed(), self._buckets
        # All are asked before any is used: a refusal by the room costs the person nothing.
        for name, key, amount in wanted:
            if buckets[name].wait(key, now, amount) > _ROUNDING:
                raise self._refusal(wanted, now)
        for name, key, amount in wanted:
            buckets[name].take(key, now, amount)

    def _give_back(self, wanted: tuple[_Wanted, ...]) -> None:
        if self.is_on:
            for name, key, amount in wanted:
                self._buckets[name].give_back(key, self._elapsed(), amount)

    def _refusal(self, wanted: tuple[_Wanted, ...], now: float) -> RateLimited:
        """By the limit that has to be waited for longest."""
        waits = [(self._buckets[name].wait(key, now, amount), name, key) for name, key, amount in wanted]
        wait, name, key = max(waits, key=lambda each: each[0])
        limit = self._limits[name]
        scope = limit.scope
        self._on_refused(name)
        if scope == "address":
            self.crowded.note(key, now)
        return RateLimited(limit.words or WORDS[scope], retry_after_ms=ceil(wait * 1000), scope=scope)

    # --- open connections -----------------------------------------------------------------

    def check_transport(self, ip: str) -> None:
        """Whether one more connection may come from this address (`TooManyConnections`)."""
        if self.is_on and self.addresses.count(ip) >= CONNECTIONS_PER_IP:
            self._on_refused(OPEN_CONNECTIONS_OF_ADDRESS)
            self.crowded.note(ip, self._elapsed())
            raise TooManyConnections(
                "This address has too many open connections.", retry_after_ms=CROWD_RETRY_MS, scope="address"
            )

    def open_transport(self, ip: str) -> None:
        """Count a connection of an address, from before it says whose it is until `close_transport`."""
        self.check_transport(ip)
        if self.is_on:
            self.addresses.add(ip)
            self._on_news()

    def close_transport(self, ip: str) -> None:
        if self.is_on:
            self.addresses.remove(ip)
            self._on_news()

    def open_connection(self, user_id: str) -> None:
        """Count a connection of a person; a refused one (`TooManyConnections`) is not counted."""
        if not self.is_on:
            return
        if self.people.count(user_id) >= CONNECTIONS_PER_USER:
            self._on_refused(OPEN_CONNECTIONS_OF_PERSON)
            raise TooManyConnections(
                "This person has too many open connections.", retry_after_ms=CROWD_RETRY_MS, scope="person"
            )
        self.people.add(user_id)
        self._on_news()

    def close_connection(self, user_id: str) -> None:
        """The end of a connection that `open_connection` let in."""
        if self.is_on:
            self.people.remove(user_id)
            self._on_news()

    # --- over several nodes ---------------------------------------------------------------

    def share(self, on_news: Callable[[], object]) -> None:
        """From now on there are other nodes. ``on_news`` is called whenever there is something to tell."""
        if not self.is_on:
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
        """What was used here since the last report: by rate, how much of each key."""
        return {name: used for name, buckets in self._shared.items() if (used := buckets.report())}

    def hear(self, report: Mapping[str, Mapping[str, int]]) -> None:
        """What was used at another node; rates that only a newer node knows are passed over."""
        now = self._elapsed()
        for name in report.keys() & self._shared.keys():
            for key, times in report[name].items():
                self._shared[name].hear(key, times, now)

    def addresses_over(self) -> int:
        """How many addresses were refused something within the last minutes."""
        return self.crowded.count(self._elapsed())
