"""How many files, and how large: the sizes that follow from how large one may be.

Whoever lets files be larger lets people and networks send more in the same measure; what lies in a room, and
in all, has bounds of its own.
"""

from __future__ import annotations

from chatapp.store.database.engine import DAY_MS
from chatapp.store.uploads.quotas import Allowed, Quota

MIB = 1 << 20
USUAL_BYTES = 25 * MIB  # of one file; the rest is in proportion
UNSENT_MS = 3_600_000  # so long a file waits for its message
AT_ONCE = 3
STALLED_MS = 180_000  # without a piece; a slow line is given 158 s for one
PERSON_DAY_BYTES = 200 * MIB
ADDRESS_DAY_BYTES = 1024 * MIB
ROOM_BYTES = 1024 * MIB
THOUSANDTHS = 1000  # of the largest file: in them the rate of an address is counted
SPARE_PARTS = 256  # of a file: so often it may break off
FREE_BYTES, FREE_SHARE = 256 * MIB, 20  # whichever is less stays free on the disk: this, or a twentieth of it


def allowed_uploads(file_bytes: int, total_bytes: int) -> Allowed:
    """What there may be where a file has at most ``file_bytes``, and all of them ``total_bytes``."""
    scale = max(1.0, file_bytes / USUAL_BYTES)
    return Allowed(
        at_once=AT_ONCE,
        stalled_ms=STALLED_MS,
        person=(Quota(int(PERSON_DAY_BYTES * scale), DAY_MS),),
        address=(Quota(int(ADDRESS_DAY_BYTES * scale), DAY_MS),),
        room_bytes=int(ROOM_BYTES * scale),
        total_bytes=total_bytes,
    )


def share_of_largest(size: int, file_bytes: int) -> int:
    """In thousandths of the largest file there may be, as the rate of an address has them."""
    return -(-size * THOUSANDTHS // max(file_bytes, USUAL_BYTES))


def most_parts(size: int, piece_bytes: int) -> int:
    """Of a file of that size, stored in such pieces: twice what it takes, and some to spare."""
    return 2 * size // piece_bytes + SPARE_PARTS


# Why an upload, or a piece of one, was refused, as metrics have it.
REFUSED_FOR = (
    "too large",
    "at once",
    "person",
    "address",
    "room",
    "server",
    "node",
    "disk",
    "checksum",
    "offset",
    "pieces",
)
