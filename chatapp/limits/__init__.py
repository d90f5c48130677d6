"""How much is too much: every size and rate of the protocol, here and for files in ``uploads``.

buckets  a rate, kept for each person, address or room     census  open connections, counted
table    the rates by name     crowded  which addresses were over their share
rates    the bouncer: what the edges ask before they let anything pass
weights  how many bytes an act leaves on the disk     held  what was sent and not yet taken

An address may be one program, a class of 30 or a conference of 500 people. So what an address may do
at once is what 500 people do who come in, speak and reload within a minute, with room to spare, and
what it may do for ever is what the disk bears (docs/decisions, one budget of bytes).
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
MENTIONS = 20  # of one message
EMOJI_LENGTH = 32  # the longest in use have a third of that
MESSAGE_ID_LENGTH = 64
FRAME_BYTES = 64 * 1024
ATTACHMENT_BYTES = 16 * 1024
JSON_DEPTH = 16
LARGEST_INTEGER = 2**53 - 1  # beyond it JavaScript rounds
ROOMS_PER_CONNECTION = 50
HISTORY_PAGE = 200
JOIN_EVENTS = 100
LOOKUP_IDS = 100
QUERY_LENGTH = 200
QUERY_TERMS = 20
SEARCH_PAGE = 50
SEARCH_EVENTS = 20
UPLOADS_PER_MESSAGE = 10
AUTHENTICATE_SECONDS = 10
CONNECTIONS_PER_USER = 10
CONNECTIONS_PER_IP = 1_500  # a conference of 500, with telephones, and old ones not yet given up


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """So many a second, after `burst` at once."""

    per_second: float
    burst: int


EVENTS_PER_CONNECTION = Rate(per_second=20, burst=40)
REQUESTS_PER_USER = EVENTS_PER_CONNECTION  # over HTTP
FILES_PER_USER = Rate(per_second=20, burst=400)  # loaded, or asked after: a page full of pictures at once
TYPING = Rate(per_second=1 / 3, burst=1)

MESSAGES_PER_USER = Rate(per_second=1, burst=10)
MESSAGES_PER_IP = Rate(per_second=100, burst=600)
MESSAGES_PER_ROOM = Rate(per_second=50, burst=600)
REACTIONS_PER_USER = Rate(per_second=5, burst=20)
REACTIONS_PER_ROOM = Rate(per_second=20, burst=200)
MESSAGES_FROM_OUTSIDE = Rate(per_second=10, burst=100)  # into a room, by those who are not in it
JOINS_PER_USER = Rate(per_second=1, burst=10)
JOINS_PER_IP = Rate(per_second=50, burst=3_000)
NEW_ROOMS_PER_USER = Rate(per_second=1 / 60, burst=5)
NEW_ROOMS_PER_IP = Rate(per_second=1 / 30, burst=600)
SIGN_INS_PER_IP = Rate(per_second=10, burst=600)
NEW_GUESTS_PER_IP = Rate(per_second=1 / 10, burst=3_000)  # they are remembered for 30 days
LOOKS_PER_USER = Rate(per_second=2, burst=60)  # into rooms that one is not in
LOOKS_PER_IP = Rate(per_second=50, burst=3_000)
SEARCHES_PER_USER = Rate(per_second=5, burst=40)  # each goes on for a fifth of a second
SEARCHES_PER_IP = Rate(per_second=50, burst=600)
# In thousandths of the largest file there may be: 100 MiB in ten minutes where that has 25.
UPLOADS_PER_IP = Rate(per_second=4_000 / 600, burst=4_000)
BYTES_PER_IP = Rate(per_second=40_000, burst=1_500_000)  # by whatever is stored: at most 5 MB a minute


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
