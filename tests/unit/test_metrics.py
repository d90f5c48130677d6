"""What is counted can be asked for, and two nodes in a process do not count for each other."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from chatapp.kernel.ports import DROP_REASONS, Outcome
from chatapp.metrics import Metrics
from chatapp.metrics.hub import LAG_INTERVAL_SECONDS
from chatapp.protocol.joining import JoinAck
from chatapp.rooms.events import RoomEvent
from chatapp.rooms.messages.pages import CHANGES
from tests.fakes.scheduler import FakeHub, FakeScheduler

KERNEL = Path(__file__).parents[2] / "chatapp" / "kernel"


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


def value(metrics: Metrics, series: str) -> float:
    (line,) = [line for line in metrics.as_text().decode().splitlines() if line.startswith(f"{series} ")]
    return float(line.split()[-1])


def test_the_life_of_rooms_is_counted(metrics: Metrics) -> None:
    metrics.woke(0.004, is_takeover=False)
    metrics.woke(0.2, is_takeover=True)
    metrics.judged(is_dead=True)
    metrics.judged(is_dead=False)
    metrics.hibernated()
    metrics.dropped("stale")
    metrics.committed(rooms=3, events=40, seconds=0.003)
    metrics.not_stored("stale")

    assert value(metrics, "chat_wake_seconds_count") == 2
    assert value(metrics, 'chat_wake_seconds_bucket{le="0.005"}') == 1
    assert value(metrics, "chat_takeovers_total") == 1
    assert value(metrics, 'chat_suspicions_total{verdict="dead"}') == 1
    assert value(metrics, 'chat_suspicions_total{verdict="alive"}') == 1
    assert value(metrics, "chat_hibernations_total") == 1
    assert value(metrics, 'chat_drops_total{reason="stale"}') == 1
    assert value(metrics, "chat_commit_seconds_sum") == pytest.approx(0.003)
    assert value(metrics, "chat_commit_rooms_sum") == 3
    assert value(metrics, "chat_commit_events_sum") == 40
    assert value(metrics, 'chat_writes_not_stored_total{outcome="stale"}') == 1


def test_what_becomes_of_messages_is_counted_by_what_it_is(metrics: Metrics) -> None:
    told = [_event("message"), _event("edit"), _event("edit"), _event("delete"), _event("react")]
    metrics.told([*told, object()])

    found = {kind: value(metrics, f'chat_changes_total{{type="{kind}"}}') for kind in CHANGES}
    assert found == {"edit": 2, "delete": 1, "react": 1}


def _event(kind: str) -> RoomEvent:
    return RoomEvent(
        room_id="lobby",
        seq=1,
        type=kind,
        id="id",
        ts=1,
        user_id="u_ana",
        user_name="Ana",
        client_id="c",
        body=b"{}",
    )


def test_every_series_with_a_label_is_there_before_its_first_event(metrics: Metrics) -> None:
    text = metrics.as_text().decode()
    codes = {"internal", "rate_limited", "storage_unavailable", "not_joined"}

    assert codes <= set(re.findall(r'chat_refusals_total{code="(\w+)"} 0.0', text))
    assert set(re.findall(r'chat_writes_not_stored_total{outcome="(\w+)"} 0.0', text)) == {
        outcome.word for outcome in Outcome if outcome is not Outcome.COMMITTED
    }
    fresh_starts = set(get_args(get_args(get_type_hints(JoinAck)["reason"])[0]))
    assert set(re.findall(r'chat_resumes_total{result="(\w+)"} 0.0', text)) == {"recovered", *fresh_starts}


def test_a_memory_is_thrown_away_for_known_reasons_only() -> None:
    said = "".join((KERNEL / name).read_text() for name in ("tenure.py", "node.py", "activation.py"))
    reasons = re.findall(r'(?:drop|_fail|_again\w*)\((?:.*, )?"(\w+)"\)', said)

    assert reasons
    assert set(reasons) <= set(DROP_REASONS)


def test_what_the_edges_tell_is_counted(metrics: Metrics) -> None:
    metrics.delivered(25)
    metrics.answered_duplicate()
    metrics.filled_gap(12)
    metrics.ping_answered_asleep()
    metrics.resumed("truncated")
    metrics.refused("rate_limited")

    assert value(metrics, "chat_deliveries_total") == 25
    assert value(metrics, "chat_duplicates_total") == 1
    assert value(metrics, "chat_gap_fills_total") == 1
    assert value(metrics, "chat_pings_asleep_total") == 1
    assert value(metrics, 'chat_resumes_total{result="truncated"}') == 1
    assert value(metrics, 'chat_refusals_total{code="rate_limited"}') == 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows a process to itself in /proc")
def test_the_process_itself_is_looked_at(metrics: Metrics) -> None:
    assert value(metrics, "process_resident_memory_bytes") > 0
    assert value(metrics, "process_open_fds") > 0


def test_a_watched_value_is_read_when_somebody_asks(metrics: Metrics) -> None:
    rooms = ["lobby"]
    metrics.watch("chat_rooms_awake", "Rooms awake on this node.", lambda: len(rooms))
    assert value(metrics, "chat_rooms_awake") == 1

    rooms.append("kitchen")

    assert value(metrics, "chat_rooms_awake") == 2


def test_two_nodes_in_a_process_count_apart(metrics: Metrics) -> None:
    Metrics().hibernated()

    assert value(metrics, "chat_hibernations_total") == 0


def test_a_hub_that_stood_still_shows_as_lag(metrics: Metrics) -> None:
    world = FakeScheduler()
    hub = FakeHub(world)
    metrics.watch_hub(hub)

    world.run_for(4 * LAG_INTERVAL_SECONDS)
    assert value(metrics, "chat_hub_lag_seconds_sum") == 0
    hub.freeze(3.0)
    world.run_for(10.0)

    assert value(metrics, 'chat_hub_lag_seconds_bucket{le="2.0"}') + 1 == value(
        metrics, "chat_hub_lag_seconds_count"
    )
    assert value(metrics, "chat_hub_lag_seconds_sum") == pytest.approx(3.0, abs=LAG_INTERVAL_SECONDS)
