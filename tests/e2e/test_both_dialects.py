"""A plain WebSocket client, as written for the original system, in one room with a browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import websocket

from tests.e2e.people import People
from tests.running import RunningNode

ANSWER_SECONDS = 10


@contextmanager
def original_client(node: RunningNode, room: str, user_id: str, name: str) -> Iterator[websocket.WebSocket]:
    query = urlencode({"userId": user_id, "username": name})
    client = websocket.create_connection(
        f"ws://127.0.0.1:{node.port}/api/chat/{room}?{query}", timeout=ANSWER_SECONDS, suppress_origin=True
    )
    try:
        yield client
    finally:
        client.close()


def heard(client: websocket.WebSocket, kind: str) -> dict[str, Any]:
    """The next frame of this type."""
    while True:
        frame: dict[str, Any] = json.loads(client.recv())
        if frame["type"] == kind:
            return frame


def names(presence: dict[str, Any]) -> list[str]:
    return sorted(user["username"] for user in presence["users"])


def test_a_plain_client_and_a_browser_are_in_one_room(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.say("hello from a page")
    ana.sees("hello from a page")
    ana.all_is_sent()

    with original_client(node, room, "old-1", "Otto") as otto:
        assert [m["content"] for m in heard(otto, "history")["messages"]] == ["hello from a page"]
        assert names(heard(otto, "presence")) == ["Ana", "Otto"]
        ana.sees_people("Ana", "Otto")

        otto.send(json.dumps({"type": "message", "content": "hello from a socket"}))
        assert heard(otto, "message")["username"] == "Otto"
        ana.sees("hello from a page", "hello from a socket")
        ana.say("nice to see you")
        said = heard(otto, "message")
        assert (said["username"], said["content"]) == ("Ana", "nice to see you")

        ben = people.ben()
        ben.enter(node, room)
        assert heard(otto, "join")["username"] == "Ben"
        assert names(heard(otto, "presence")) == ["Ana", "Ben", "Otto"]
        ben.sees_people("Ben", "Ana", "Otto")
        ben.context.close()
        assert heard(otto, "leave")["username"] == "Ben"

    # However a plain socket ends, its person is gone at once.
    ana.sees_people("Ana")
    assert [(author, text) for _, author, text in ana.log()] == [
        ("Ana", "hello from a page"),
        ("Otto", "hello from a socket"),
        ("Ana", "nice to see you"),
    ]
