"""A node at its memory bound: it keeps whom it has, and lets nobody new in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chatapp.gateway.wire import polling
from chatapp.gateway.wire.memory_bound import MemoryBound
from chatapp.runtime import boottime, sleep
from tests.integration.http_node import Visitor, running_node

POLLER = "/socket.io/?EIO=4&transport=polling"
UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


def test_newcomers_of_both_dialects_are_refused_and_counted_and_everything_else_goes_on(
    tmp_path: Path,
) -> None:
    with running_node(tmp_path, CHAT_MEMORY_MAX_MB="1") as node:
        visitor = Visitor(node).sign_in()
        ends_at = boottime() + 10
        while "chat_memory_refusing 1.0" not in visitor.ask("GET", "/metrics").text:
            assert boottime() < ends_at
            sleep(0.01)

        refused = [
            visitor.ask("GET", POLLER, headers={"Origin": "http://chat.example"}),
            visitor.ask("GET", "/api/chat/lobby?userId=ana&username=Ana", headers=UPGRADE),
        ]

        assert [answer.status_code for answer in refused] == [503, 503]
        assert [answer.headers["Retry-After"] for answer in refused] == ["5", "5"]
        assert refused[0].headers["Access-Control-Allow-Origin"] == "http://chat.example"
        assert "chat_connections_refused_for_memory_total 2.0" in visitor.ask("GET", "/metrics").text
        assert visitor.ask("GET", "/healthz").status_code == 200
        assert visitor.ask("GET", "/api/rooms", headers=visitor.bearer).status_code == 200


def test_who_has_a_session_keeps_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    is_full = False
    monkeypatch.setattr(MemoryBound, "refuses", lambda _: is_full)
    with running_node(tmp_path) as node:
        visitor = Visitor(node)
        sid = json.loads(visitor.ask("GET", POLLER).text[1:])["sid"]
        is_full = True
        monkeypatch.setattr(polling, "has_hung_up", lambda _: False)  # there is no socket here

        assert visitor.ask("GET", POLLER).status_code == 503
        assert visitor.ask("POST", f"{POLLER}&sid={sid}", data="40/chat,{}").status_code == 200
        assert visitor.ask("GET", f"{POLLER}&sid={sid}").status_code == 200
        assert visitor.ask("POST", f"{POLLER}&sid={sid}", data="1").status_code == 200
