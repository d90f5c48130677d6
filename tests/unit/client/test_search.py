"""A search goes on from where the last answer ended, for as long as somebody takes what it finds."""

from __future__ import annotations

from itertools import islice

import pytest

from chatapp.client import Refused
from chatapp.client.search import found
from chatapp.client.wire import Json


class Room:
    """A room whose answers bring a message or none, each from ten messages further back."""

    def __init__(self, *answers: Json) -> None:
        self.asked: list[Json] = []
        self._answers = [*answers]

    def request(self, name: str, payload: Json) -> Json:
        assert name == "search"
        self.asked.append(payload)
        return self._answers.pop(0)


def answer(*seqs: int, to: int, more: bool = True) -> Json:
    return {"ok": True, "events": [{"seq": seq} for seq in seqs], "searched_to": to, "more_before": more}


def test_it_asks_on_until_there_is_no_more() -> None:
    room = Room(answer(99, to=90), answer(to=80), answer(75, 71, to=70, more=False))

    assert [event["seq"] for event in found(room.request, "lobby", "words")] == [99, 75, 71]
    assert [asked.get("before") for asked in room.asked] == [None, 90, 80]
    assert {(asked["room"], asked["q"]) for asked in room.asked} == {("lobby", "words")}


def test_what_nobody_takes_is_not_asked_for() -> None:
    room = Room(answer(99, 98, to=98))

    assert len([*islice(found(room.request, "lobby", "words"), 2)]) == 2
    assert len(room.asked) == 1


def test_over_a_rate_it_waits_and_asks_the_same_again() -> None:
    too_fast = {"ok": False, "error": {"code": "rate_limited", "message": "", "retry_after_ms": 1}}
    room = Room(answer(99, to=90), too_fast, answer(80, to=70, more=False))

    assert [event["seq"] for event in found(room.request, "lobby", "words")] == [99, 80]
    assert room.asked[1] == room.asked[2]


def test_a_refusal_is_raised() -> None:
    room = Room({"ok": False, "error": {"code": "empty", "message": "A search needs something."}})

    with pytest.raises(Refused):
        next(found(room.request, "lobby", '""'))
