"""A client of the original system: one WebSocket, one person, one room, frames of JSON."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote, urlencode

from tests.integration.wire import Wire
from tests.running import RunningNode

Json = dict[str, Any]
ANSWER_SECONDS = 10
HOST = "chat.example"  # what the requests of ``Wire`` say


def path_of(room_id: str, **query: str) -> str:
    return f"/api/chat/{quote(room_id, safe='')}?{urlencode(query)}"


class OriginalClient(Wire):
    """Connects at once. ``greeting`` is the first three frames: history, join, presence."""

    def __init__(
        self,
        node: RunningNode,
        room_id: str,
        user_id: str,
        name: str,
        *,
        origin: str | None = None,
        token: str | None = None,
    ) -> None:
        super().__init__(node.port)
        query = {"userId": user_id, "username": name} | ({"token": token} if token else {})
        self.status = self.upgrade(path_of(room_id, **query), {"Origin": origin} if origin else {})
        self.greeting = [self.hear() for _ in range(3)] if self.status == 101 else []

    def say(self, content: object) -> None:
        self.send_text(json.dumps({"type": "message", "content": content}))

    def hear(self, *types: str) -> Json:
        """The next frame, or the next of these types; what comes before it is dropped."""
        while True:
            frame: Json = json.loads(self.receive_text())
            if not types or frame["type"] in types:
                return frame

    def ping(self) -> None:
        """Ask with the word of the protocol; its answer must be the very next frame."""
        self.send_text("ping")
        assert self.receive_text() == "pong"

    def __enter__(self) -> OriginalClient:
        return self

    def close(self) -> None:
        """Be gone without a word."""
        self.socket.close()


def get(node: RunningNode, path: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
    """Status and body of a plain GET."""
    connection = HTTPConnection("127.0.0.1", node.port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", path, headers={"Host": HOST} | (headers or {}))
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()
