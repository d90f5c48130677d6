"""Pages: how much of the log one answer brings."""

from __future__ import annotations

import pytest

from chatapp.rooms.events import RoomEvent
from chatapp.rooms.messages.pages import first_rows


def log(types: str) -> list[RoomEvent]:
    names = {"m": "message", "e": "edit", "d": "delete", "r": "react", "x": "room"}
    return [
        RoomEvent(
            room_id="r",
            seq=seq,
            type=names[each],
            id=str(seq),
            ts=seq,
            user_id="u",
            user_name="U",
            client_id=str(seq),
            body=b"{}",
        )
        for seq, each in enumerate(types, 1)
    ]


@pytest.mark.parametrize(
    ("types", "limit", "expected"),
    [
        ("mmmmm", 3, 3),
        ("mm", 3, 2),
        ("merdmrmm", 3, 7),  # changes are brought along,
        ("merdmm", 3, 6),
        ("mmmrr", 3, 3),  # those behind the last row with the next page
        ("rrrrmm", 1, 4),  # and not without end
        ("mrrrrrrrrr", 2, 8),
        ("xm", 1, 1),  # a row is whatever is not known to be a change
        ("mmm", 0, 0),
    ],
)
def test_an_answer_counts_what_stands_on_the_screen(types: str, limit: int, expected: int) -> None:
    events = log(types)
    assert first_rows(limit, events) == events[:expected]
