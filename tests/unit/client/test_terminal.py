"""The terminal takes a room's address as a browser has it."""

from __future__ import annotations

import pytest

from chatapp.client.terminal import _address


@pytest.mark.parametrize(
    ("address", "server", "room"),
    [
        ("http://127.0.0.1:8000/chat/lobby", "http://127.0.0.1:8000", "lobby"),
        ("https://example.org/talk/chat/caf%C3%A9", "https://example.org/talk", "café"),
        ("https://example.org/chat/chat/lobby", "https://example.org/chat", "lobby"),
        ("https://example.org/chat/", "https://example.org", None),
        ("https://example.org/talk/", "https://example.org/talk", None),
        ("https://example.org", "https://example.org", None),
    ],
)
def test_the_server_is_what_stands_before_the_room(address: str, server: str, room: str | None) -> None:
    assert _address(address) == (server, room)
