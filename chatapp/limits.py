"""How much is too much: every size and rate of the protocol, in this one file.

A rate is a token bucket: `burst` at once, then so many a second. A bucket is kept as a single
number, the time at which it will be full again, so a full bucket and an unknown key are the same
thing, and idle keys can be forgotten without anyone gaining or losing by it.

The promise: a refusal consumes nothing and says when to ask again, a check costs about a
microsecond and never waits, and no number of strangers makes the memory grow without end.
Counted on this node alone. Why not the `limits` library: docs/decisions, rate limits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from math import ceil

from chatapp.errors import RateLimited, TooManyConnections

# Lengths are in code points, sizes in bytes.
NAME_LENGTH = 32
ROOM_ID_LENGTH = 64
CLIENT_ID_LENGTH = 64
USER_ID_LENGTH = 64
STREAM_ID_LENGTH = 64
CONTENT_LENGTH = 4_000
FRAME_BYTES = 64 * 1024
ATTACHMENT_BYTES = 16 * 1024
JSON_DEPTH = 16
LARGEST_INTEGER = 2**53 - 1  # beyond it JavaScript rounds
ROOMS_PER_CONNECTION = 50
HISTORY_PAGE = 200
JOIN_EVENTS = 100
LOOKUP_IDS = 100
AUTHENTICATE_SECONDS = 10
CONNECTIONS_PER_USER = 10
CONNECTIONS_PER_IP = 500  # a school class sits behind one address

_KEYS_KEPT = 50_000  # per generation, see Buckets
_ROUNDING = 1e-6  # seconds; sums of fractions are not exact


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """So many a second, after `burst` at once."""

    per_second: float
    burst: int


MESSAGES_PER_USER = Rate(per_second=1, burst=10)
MESSAGES_PER_IP = Rate(per_second=100, burst=200)
MESSAGES_PER_ROOM = Rate(per_second=50, burst=100)
EVENTS_PER_CONNECTION = Rate(per_second=20, burst=40)
TYPING = Rate(per_second=1 / 3, burst=1)
JOINS_PER_USER = Rate(per_second=1, burst=10)
NEW_ROOMS_PER_USER = Rate(per_second=1 / 60, burst=5)
SIGN_INS_PER_IP = Rate(per_second=1, burst=60)  # a school class again


class Buckets:
    """One bucket per key, all of one rate.

    Two generations of keys: what is used moves to the young one; after the time in which any
    bucket fills up, the old one is dropped whole and the young one grows old. Dropped keys have
    full buckets by then, except when a flood of new keys forces the change early.
    """

    def __init__(self, rate: Rate) -> None:
        self._cost = 1 / rate.per_second  # seconds of refilling that one take uses up
        self._depth = rate.burst * self._cost
        self._young: dict[Hashable, float] = {}
        self._old: dict[Hashable, float] = {}
        self._turn_at = 0.0

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def wait(self, key: Hashable, now: float) -> float:
        """Seconds until one more is allowed; zero or less: now."""
        full_at = self._young.get(key) or self._old.get(key, now)
        return full_at - now + self._cost - self._depth

    def take(self, key: Hashable, now: float) -> None:
        if now >= self._turn_at or len(self._young) >= _KEYS_KEPT:
            self._old, self._young = self._young, {}
            self._turn_at = now + self._depth
        full_at = self._young.get(key) or self._old.get(key, now)
        self._young[key] = max(full_at, now) + self._cost


class Rates:
    """The bouncer of one node: each `check_…` passes in silence or raises `RateLimited`.

    `elapsed` gives seconds on a clock that only goes forward. With `is_on` False (load tests)
    everything passes and no connection is counted; sizes are not its concern.
    """

    def __init__(self, elapsed: Callable[[], float], *, is_on: bool = True) -> None:
        self._elapsed = elapsed
        self._is_on = is_on
        self._events = Buckets(EVENTS_PER_CONNECTION)
        self._messages_of_user = Buckets(MESSAGES_PER_USER)
        self._messages_of_ip = Buckets(MESSAGES_PER_IP)
        self._messages_in_room = Buckets(MESSAGES_PER_ROOM)
        self._typing = Buckets(TYPING)
        self._joins = Buckets(JOINS_PER_USER)
        self._new_rooms = Buckets(NEW_ROOMS_PER_USER)
        self._sign_ins = Buckets(SIGN_INS_PER_IP)
        self._users: Counter[str] = Counter()
        self._ips: Counter[str] = Counter()

    def check_event(self, connection_id: str) -> None:
        """Any event of a connection, before it is looked at."""
        self._check((self._events, connection_id))

    def check_message(self, *, user_id: str, ip: str, room_id: str) -> None:
        self._check(
            (self._messages_of_user, user_id),
            (self._messages_of_ip, ip),
            (self._messages_in_room, room_id),
        )

    def check_typing(self, *, user_id: str, room_id: str) -> None:
        self._check((self._typing, (user_id, room_id)))

    def check_join(self, user_id: str) -> None:
        self._check((self._joins, user_id))

    def check_new_room(self, user_id: str) -> None:
        self._check((self._new_rooms, user_id))

    def check_sign_in(self, ip: str) -> None:
        self._check((self._sign_ins, ip))

    def check_line(self, ip: str) -> None:
        """Whether one more connection may come from this address (`TooManyConnections`)."""
        if self._is_on and self._ips.get(ip, 0) >= CONNECTIONS_PER_IP:
            raise TooManyConnections("This address has too many open connections.", retry_after_ms=5_000)

    def open_line(self, ip: str) -> None:
        """Count a connection of an address, from before it says whose it is until `close_line`."""
        self.check_line(ip)
        if self._is_on:
            self._ips[ip] += 1

    def close_line(self, ip: str) -> None:
        if self._is_on:
            _count_down(self._ips, ip)

    def open_connection(self, user_id: str) -> None:
        """Count a connection of a person; a refused one (`TooManyConnections`) is not counted."""
        if not self._is_on:
            return
        if self._users.get(user_id, 0) >= CONNECTIONS_PER_USER:
            raise TooManyConnections("This person has too many open connections.", retry_after_ms=5_000)
        self._users[user_id] += 1

    def close_connection(self, user_id: str) -> None:
        """The end of a connection that `open_connection` let in."""
        if self._is_on:
            _count_down(self._users, user_id)

    def _check(self, *wanted: tuple[Buckets, Hashable]) -> None:
        if not self._is_on:
            return
        now = self._elapsed()
        # All are asked before any is used: a refusal by the room costs the person nothing.
        wait = max(buckets.wait(key, now) for buckets, key in wanted)
        if wait > _ROUNDING:
            raise RateLimited(retry_after_ms=ceil(wait * 1000))
        for buckets, key in wanted:
            buckets.take(key, now)


def _count_down(counts: Counter[str], key: str) -> None:
    counts[key] -= 1
    if counts[key] <= 0:
        del counts[key]


def network_of(address: str) -> str:
    """What counts as one address: an IPv4 address, or the /64 that one IPv6 customer is given."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    if not isinstance(ip, IPv6Address):
        return address
    if ip.ipv4_mapped is not None:
        return str(ip.ipv4_mapped)
    return str(IPv6Address(int(ip) >> 64 << 64))
