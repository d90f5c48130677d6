"""Weights: how many bytes an act leaves on the disk, estimated from above.

Every way of making the disk fuller is paid from one budget of its address, so what counts is not
how often somebody acts but what stays of it: a row with its texts, and its key once more for each
index. `tests/integration/test_disk.py` holds the estimate against a real file.
"""

from __future__ import annotations

import msgspec

_FILE = 700  # what is told of one: its names above all, which a picture's placeholder comes beside
_ROW = 120  # its numbers, ids of ours, and the room that a half full page wastes
_CALLED = 3 * 64 + 2 * _ROW  # an id in two places, and the name that stands in the text

_encode = msgspec.json.Encoder().encode


def of_message(
    *, room_id: str, user_id: str, name: str, client_id: str, content: str, files: int = 0, called: int = 0
) -> int:
    """One row of the log, whose key and whose client id stand in two trees, and one of each who is called."""
    texts = 2 * _size(room_id + user_id + client_id) + _size(name)
    rest = files * _FILE + called * (_size(room_id) + _CALLED)
    return texts + len(_encode(content)) + rest + _ROW


def of_upload(name: str, alt: str) -> int:
    """Its row, which five trees know, with the names of its parts; its bytes are counted by other limits."""
    return _FILE + 6 * _ROW + _size(name + alt)


def of_reaction(*, room_id: str, user_id: str, name: str, emoji: str) -> int:
    """Its row and its part of an event, each of which has all of it."""
    return 2 * (_size(room_id + user_id + name + emoji) + _ROW)


def of_session(*, room_id: str, user_id: str, name: str, device: str, attachment: str | None) -> int:
    """A session, which two trees know, and how far its person has read."""
    texts = 3 * _size(room_id + user_id) + 2 * _size(device) + _size(name)
    return texts + of_attachment(attachment) + 2 * _ROW


def of_attachment(text: str | None) -> int:
    return 0 if text is None else _size(text)


def of_room(room_id: str) -> int:
    """Its lease and its description, each with an index."""
    return 4 * _size(room_id) + 3 * _ROW


def of_guest(name: str) -> int:
    return _size(name) + 2 * _ROW


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())
