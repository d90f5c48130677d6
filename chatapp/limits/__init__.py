"""How much is too much: every size and rate of the protocol, in this one file.

buckets  a rate, kept for each person, address or room     census  open connections, counted
rates    the bouncer: what the edges ask before they let anything pass
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

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
