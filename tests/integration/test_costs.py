"""What a connection and a broadcast cost, counted where it can be counted: these may not creep up."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import ExitStack

import psutil
import pytest

from bench.crowd import Crowd
from bench.servers import Chat, sqlite_url
from chatapp.gateway.delivery import encoded_updates
from tests.integration.test_audience import Meeting, meeting, message  # noqa: F401 - a fixture
from tests.integration.transport_node import Node, started
from tests.integration.wire import Wire

BYTES_OF_AN_IDLE_CLIENT = 26_000  # docs/benchmarks.md says what was measured, W8
FIRST, MORE = 100, 500


@pytest.fixture
def transport() -> Iterator[Node]:
    with started() as node:
        yield node


def test_an_idle_connection_has_no_greenlet(transport: Node) -> None:
    before = transport.stats()["greenlets"]
    with ExitStack() as stack:
        for _ in range(50):
            stack.enter_context(Wire(transport.port)).join_chat()

        transport.until(lambda stats: stats["sids"] == 50)
        transport.until(lambda stats: stats["greenlets"] == before)


def test_an_idle_client_costs_a_bounded_piece_of_memory(tmp_path_factory: pytest.TempPathFactory) -> None:
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 2 * (FIRST + MORE)
    folder = tmp_path_factory.mktemp("node")
    chat = Chat(folder, sqlite_url(folder), {})
    try:
        with Crowd(chat.port) as crowd:
            seats = chat.seats(FIRST + MORE, lambda number: f"room-{number // 100}")
            crowd.connect(seats[:FIRST])
            crowd.settle()
            before = chat.memory_bytes()
            crowd.connect(seats[FIRST:])
            crowd.settle()
            assert (chat.memory_bytes() - before) / MORE < BYTES_OF_AN_IDLE_CLIENT
    finally:
        chat.kill()
    assert not psutil.pid_exists(chat.pid)


def test_an_event_is_encoded_once_for_each_dialect_however_many_listen(
    meeting: Meeting,  # noqa: F811 - the fixture
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    encoded: list[str] = []
    for name in ("encode_broadcast", "encode_plain_broadcast"):
        encode = getattr(encoded_updates, name)

        def counting(*args: object, encode: object = encode, name: str = name) -> object:
            encoded.append(name)
            return encode(*args)  # type: ignore[operator]

        monkeypatch.setattr(f"chatapp.gateway.delivery.encoded_updates.{name}", counting)
    for number in range(5):
        meeting.audience.enter("lobby", meeting.visitor(f"u_{number}")[1], 0)
        meeting.audience.enter("lobby", meeting.plain(f"x_{number}")[1], 0)

    meeting.audience.deliver("lobby", 1, [message(1), message(2)])

    assert sorted(encoded) == ["encode_broadcast"] * 2 + ["encode_plain_broadcast"] * 2
