"""What is said about forgetting is what the code does, and is the same wherever it is said."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chatapp.gateway.wire.heartbeat import PING_INTERVAL_SECONDS, PING_TIMEOUT_SECONDS
from chatapp.jobs.catch_up import LOOK_SECONDS
from chatapp.jobs.plan import EARLY_MS, JUMP_MS, PERIOD_MS, ROOM_LIFE_MS, ROW_LIFE_MS, SECOND_LOOK_MS
from chatapp.jobs.worker_cleanup import PERIOD_SECONDS
from chatapp.rooms.messages.pages import PAGE_BYTES
from chatapp.runtime.server.answering import WRITE_SECONDS, WRITTEN_BYTES_PER_SECOND
from chatapp.store.database.engine import DAY_MS
from chatapp.store.models import metadata
from chatapp.store.nodes.alarms import OVERDUE_MS
from chatapp.store.people.users import TOKEN_TTL_MS

ROOT = Path(__file__).parents[2]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text("utf-8")
KEPT = OPERATIONS.partition("## What is kept where")[2].partition("\n### ")[0]
PROMISES = ("README.md", "docs/operations.md", "templates/index.html", "static/chat.webmanifest")
MINUTE_MS = 60_000


def tables_named() -> set[str]:
    rows = re.findall(r"^\| .* \| (`.*`) \| .* \|$", KEPT, re.M)
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


def test_the_page_says_of_every_table_how_long_it_keeps_what() -> None:
    ring = {name for name in metadata.tables if re.fullmatch(r"texts_\d", name)}
    assert "`texts_0` … `texts_7`" in KEPT
    assert tables_named() - ring == metadata.tables.keys() - ring
    assert (min(ring), max(ring)) == ("texts_0", "texts_7")


@pytest.mark.parametrize("place", PROMISES)
def test_it_is_the_same_promise_everywhere(place: str) -> None:
    words = " ".join((ROOT / place).read_text("utf-8").split())

    assert "75 minutes" in words
    assert re.search(r"in no file of (ours|this chat)", words)


def test_an_alarm_that_nobody_rings_for_comes_in_time_and_has_minutes_to_run() -> None:
    late_ms = PERIOD_MS - EARLY_MS + OVERDUE_MS + LOOK_SECONDS * 1000

    assert late_ms <= (75 - 4) * MINUTE_MS
    assert PERIOD_SECONDS == 3600


def test_the_times_of_the_page_are_those_of_the_code() -> None:
    assert TOKEN_TTL_MS == ROOM_LIFE_MS == 30 * DAY_MS
    assert ROW_LIFE_MS == 2 * 60 * MINUTE_MS
    assert (JUMP_MS, SECOND_LOOK_MS) == (90 * MINUTE_MS, 10 * MINUTE_MS)
    assert PING_INTERVAL_SECONDS + PING_TIMEOUT_SECONDS <= 30
    assert WRITE_SECONDS + PAGE_BYTES / WRITTEN_BYTES_PER_SECOND <= 3 * 60
