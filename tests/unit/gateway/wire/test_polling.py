"""What waits for a client that polls, with python-engineio's own socket."""

from __future__ import annotations

from typing import Any

import pytest
from engineio import Server
from engineio.packet import MESSAGE, Packet
from engineio.socket import Socket

from chatapp.gateway.wire.polling import MAX_PACKETS, PollingQueue
from chatapp.gateway.wire.websocket import BACKLOG_LIMIT_BYTES

LARGE = BACKLOG_LIMIT_BYTES // 4


@pytest.fixture
def cut() -> list[str]:
    return []


@pytest.fixture
def socket(cut: list[str]) -> Any:
    socket = Socket(Server(async_mode="threading", monitor_clients=False), "s_1")
    PollingQueue(socket, lambda: cut.append("cut"), lambda sid, text: None)
    return socket


def say(socket: Any, text: str) -> None:
    socket.send(Packet(MESSAGE, text))


def test_what_waits_is_handed_out_in_order_and_never_more_than_a_client_takes(socket: Any) -> None:
    for number in range(MAX_PACKETS + 1):
        say(socket, str(number))

    assert [packet.data for packet in socket.poll()] == [str(number) for number in range(MAX_PACKETS)]
    assert [packet.data for packet in socket.poll()] == [str(MAX_PACKETS)]


def test_a_client_that_never_asks_is_cut_and_remembered_no_further(socket: Any, cut: list[str]) -> None:
    for _ in range(20):
        say(socket, "x" * LARGE)

    assert cut == ["cut"]
    assert socket.queue.empty()


def test_a_client_that_asks_is_not_cut_however_much_it_is_told(socket: Any, cut: list[str]) -> None:
    for _ in range(20):
        say(socket, "x" * LARGE)
        socket.poll()

    assert cut == []
