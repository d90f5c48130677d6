"""The line between one page and its node, in the hands of a test.

It can go silent, as a network does that a laptop has left without a word; it can refuse, as one does
that lets pages through and no chat; it can lose frames. The page's own WebSocket goes through it, and
what the page said is kept.
"""

from __future__ import annotations

import json
import re
from typing import Any, Literal

from playwright.sync_api import Page, Route, WebSocketRoute

from tests.running import until

_SOCKET_IO = re.compile(r"/socket\.io/")
_ANSWER = "43/chat,"
_EVENT = re.compile(r"42/chat,\d*(\[.*)", re.DOTALL)
_MESSAGE = re.compile(r'42/chat,(\d+)\["message",')


class Line:
    """Takes hold of a page's connection; from before the page is opened."""

    def __init__(self, page: Page) -> None:
        self.state: Literal["open", "silent", "refusing"] = "open"
        self.loses: str | None = None
        """The name of the event that does not arrive."""
        self.lost: list[Any] = []
        self.loses_answers = False
        self.refuses: dict[str, Any] | None = None
        """What every message is answered with, in place of the node."""
        self._page = page
        self._said: list[tuple[str, Any]] = []
        self._sockets: list[WebSocketRoute] = []
        page.route_web_socket(_SOCKET_IO, self._take_socket)
        page.route(_SOCKET_IO, self._take_request)

    def said(self, event: str) -> list[Any]:
        """The payloads of this event that the page sent and the line let through."""
        return [payload for name, payload in self._said if name == event]

    def has_lost(self, count: int) -> None:
        """So many have come this far, and no further."""
        # What has come meanwhile is heard while one asks for something.
        until(lambda: self._page.evaluate("0") or len(self.lost) >= count)

    def breaks(self) -> None:
        """Both ends are told so."""
        for side in self._sockets:
            side.close()
        self._sockets.clear()

    def _take_socket(self, page_side: WebSocketRoute) -> None:
        if self.state == "refusing":
            page_side.send("!")  # no packet of Engine.IO's: an attempt that fails at once
            page_side.close()
        if self.state != "open":
            return
        node_side = page_side.connect_to_server()
        self._sockets += [page_side, node_side]
        # A socket that has once gone silent never speaks again: the router behind it has forgotten it.
        is_dead = False

        def from_page(frame: str | bytes) -> None:
            nonlocal is_dead
            is_dead = is_dead or self.state != "open"
            if is_dead:
                return
            if self.refuses and (refusal := _refusal_of(frame, self.refuses)):
                page_side.send(refusal)
            else:
                self._note(frame)
                node_side.send(frame)

        def from_node(frame: str | bytes) -> None:
            nonlocal is_dead
            is_dead = is_dead or self.state != "open"
            if not is_dead and not self._is_to_be_lost(frame):
                page_side.send(frame)

        page_side.on_message(from_page)
        node_side.on_message(from_node)

    def _take_request(self, route: Route) -> None:
        if self.state == "open":
            route.continue_()
        else:
            route.abort()

    def _note(self, frame: str | bytes) -> None:
        if event := _event_in(frame):
            self._said.append((event[0], event[1] if len(event) > 1 else None))

    def _is_to_be_lost(self, frame: str | bytes) -> bool:
        if self.loses_answers and str(frame).startswith(_ANSWER):
            return True
        event = _event_in(frame)
        if event is None or event[0] != self.loses:
            return False
        self.lost.append(event[1])
        return True


def _event_in(frame: str | bytes) -> list[Any] | None:
    found = _EVENT.fullmatch(frame) if isinstance(frame, str) else None
    event: list[Any] | None = json.loads(found[1]) if found else None
    return event


def _refusal_of(frame: str | bytes, error: dict[str, Any]) -> str | None:
    """The answer to this frame, if it is a message."""
    message = _MESSAGE.match(frame) if isinstance(frame, str) else None
    return f"{_ANSWER}{message[1]}{json.dumps([{'ok': False, 'error': error}])}" if message else None
