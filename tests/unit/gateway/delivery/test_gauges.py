"""What a scrape finds at the socket edge, and what the edge counts as it goes."""

from __future__ import annotations

import pytest

from chatapp.gateway.delivery.gauges import watch_gateway
from chatapp.gateway.wire.websocket import WebSocket
from chatapp.limits.held import HeldBytes
from chatapp.metrics import Metrics
from tests.unit.gateway.edge import Edge


class Reader:
    """A WebSocket that is behind."""

    def __init__(self, *, is_lagging: bool) -> None:
        self.is_lagging = is_lagging


def value(metrics: Metrics, series: str) -> float:
    (line,) = [line for line in metrics.as_text().decode().splitlines() if line.startswith(f"{series} ")]
    return float(line.split()[-1])


@pytest.fixture
def metrics(edge: Edge) -> Metrics:
    metrics = Metrics()
    watch_gateway(
        metrics,
        connections=edge.connections,
        audience=edge.audience,
        listeners=edge.listeners,
        held_bytes=lambda: edge.held.total,
        is_awake=edge.node.is_awake,
    )
    return metrics


def test_connections_and_rooms_show_whether_they_sleep(edge: Edge, metrics: Metrics) -> None:
    ana = edge.connect("ana")
    edge.hear(ana, "join")
    edge.after(1)
    assert value(metrics, "chat_connections") == 1
    assert value(metrics, "chat_rooms_heard") == 1
    assert value(metrics, "chat_connections_asleep") == 0
    assert value(metrics, "chat_rooms_asleep") == 0

    edge.after(120)

    assert value(metrics, "chat_connections") == 1
    assert value(metrics, "chat_connections_asleep") == 1
    assert value(metrics, "chat_rooms_asleep") == 1


def test_what_slow_readers_have_not_taken_shows_as_backlog(edge: Edge, metrics: Metrics) -> None:
    readers = {"a": Reader(is_lagging=False), "b": Reader(is_lagging=True)}
    edge.listeners.sockets.update(readers)  # type: ignore[arg-type]
    for count in (700, 4000, 300):
        edge.held.holder("::1", lambda: None).change(count)

    assert value(metrics, "chat_backlog_bytes") == 5000
    assert value(metrics, "chat_connections_lagging") == 1
    assert "is_lagging" in dir(WebSocket), "the name it stands in for"


def test_cuts_for_held_bytes_are_counted_by_their_reason_and_begin_at_zero() -> None:
    metrics = Metrics()
    held = HeldBytes(per_address=10, on_cut=metrics.cut_for_held_bytes)

    held.holder("::1", lambda: None).change(11)

    counted = {
        reason: value(metrics, f'chat_held_bytes_cuts_total{{reason="{reason}"}}')
        for reason in ("connection", "address", "node", "memory")
    }
    assert counted == {"connection": 0, "address": 1, "node": 0, "memory": 0}


def test_a_join_with_a_cursor_counts_as_a_resume_and_a_first_join_does_not(edge: Edge) -> None:
    ana = edge.connect("ana")
    (first,) = edge.hear_out(ana, "join")
    edge.hear_out(ana, "join", since={"stream": first.stream, "seq": 0})
    edge.hear_out(ana, "join", since={"stream": "another", "seq": 0})

    assert value(edge.metrics, 'chat_resumes_total{result="recovered"}') == 1
    assert value(edge.metrics, 'chat_resumes_total{result="stream_changed"}') == 1
