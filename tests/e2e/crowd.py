"""Somebody without a browser, who says much in a short time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from uuid import uuid4

from tests.running import RunningNode
from tests.talkers import PythonTalker

BATCH = 100  # unanswered at a time; a room's mailbox has room for ten times that


@contextmanager
def speaker(
    node: RunningNode, room: str, name: str = "Carl", token: str | None = None
) -> Iterator[PythonTalker]:
    """Somebody in the room. On a node whose rates are off, as fast as it goes."""
    talker = PythonTalker(node.url, token or node.sign_in(name)["token"])
    try:
        talker.connect()
        assert talker.call("join", {"room": room, "limit": 1})["ok"]
        yield talker
    finally:
        talker.close()


def say_all(talker: PythonTalker, room: str, texts: Iterable[str]) -> None:
    """Returns when all of them are stored, in this order."""
    left = iter(texts)
    while batch := [_message(room, text) for text in islice(left, BATCH)]:
        for payload in batch[:-1]:
            talker.emit("message", payload)
        assert talker.call("message", batch[-1])["ok"]


def numbered(count: int, word: str = "message") -> list[str]:
    return [f"{word} {number}" for number in range(1, count + 1)]


def id_of(talker: PythonTalker, room: str, seq: int) -> str:
    answer = talker.call("history", {"room": room, "around": seq, "limit": 1})
    [found] = [event["id"] for event in answer["events"] if event["seq"] == seq]
    return str(found)


def react(
    talker: PythonTalker, room: str, message_id: str, seq: int, emoji: str = "👍", *, on: bool = True
) -> None:
    target = {"seq": seq, "id": message_id}
    assert talker.call("react", {"room": room, "target": target, "emoji": emoji, "on": on})["ok"]


def _message(room: str, text: str) -> dict[str, str]:
    return {"room": room, "client_id": uuid4().hex, "content": text}
