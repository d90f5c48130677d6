"""How far a person has read, as the room tells their page at once; the database has it seconds later."""

from __future__ import annotations

import json

from playwright.sync_api import Page, WebSocket

from tests.running import until

_READ = '42/chat,["read",'


class ReadCursor:
    """Listens to a page's connection; from before the page is opened."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._seq = 0
        page.on("websocket", self._listen)

    @property
    def seq(self) -> int:
        self._page.evaluate("0")  # what has come meanwhile is heard while one asks for something
        return self._seq

    def comes_to(self, seq: int) -> None:
        until(lambda: self.seq == seq)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._hear)

    def _hear(self, frame: str | bytes) -> None:
        if isinstance(frame, str) and frame.startswith(_READ):
            _, read = json.loads(frame.removeprefix("42/chat,"))
            self._seq = read["seq"]
