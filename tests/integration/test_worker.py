"""The real worker, with beat inside, as ``make run`` starts it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from chatapp.jobs.app import RING_LIFE_SECONDS, TASK, make_celery
from chatapp.store.engine import open_database
from chatapp.store.migrations import upgrade
from chatapp.store.models import alarms, events
from tests.contracts.worlds import DatabaseWorld, event, write

DAY = 86_400_000


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    celery = [sys.executable, "-m", "celery", "--quiet", "--app", "celery_worker", "worker"]
    process = subprocess.Popen(
        [*celery, "--beat", "--pool", "solo", "--without-gossip", "--without-mingle"],
        env={**os.environ, "CHAT_DATA_DIR": str(tmp_path), "DATABASE_URL": "", "REDIS_URL": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        yield process
        process.kill()


@pytest.mark.slow
def test_a_worker_waits_for_the_schema_cleans_up_at_once_and_stops_on_request(
    worker: subprocess.Popen[str], tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'chat.db'}"
    upgrade(url)
    world = DatabaseWorld(url)
    old = event("lobby", 1, ts=int(time.time() * 1000) - 2 * DAY)
    world.commit([write(world.acquire("lobby", world.node()).lease, old)])

    database = open_database(url)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with database.reading() as connection:
            due = connection.scalar(select(alarms.c.next_due))
            left = connection.scalars(select(events.c.seq)).all()
        if due is not None and due > time.time() * 1000:
            break
    database.close()
    world.close()
    worker.send_signal(signal.SIGTERM)
    output, _ = worker.communicate(timeout=10)

    assert left == []
    # What Celery says to whoever pressed Ctrl-C is no line of the log.
    lines = [line for line in output.splitlines() if line and not line.startswith("worker: ")]
    told = [json.loads(line) for line in lines]
    assert [line["event"] for line in told if line["event"].startswith("cleanup done: 1 rows removed")]
    assert not [line for line in told if "exception" in line]
    assert worker.returncode == 0


def test_celery_is_set_up_so_that_nothing_piles_up_and_nothing_foreign_is_taken(tmp_path: Path) -> None:
    conf = make_celery(
        database_url=f"sqlite:///{tmp_path / 'chat.db'}",
        retention_ms=DAY,
        broker_url="filesystem://localhost",
        data_dir=tmp_path,
    ).conf

    assert conf.accept_content == ["json"]
    assert conf.task_ignore_result
    assert not conf.worker_hijack_root_logger
    entry = conf.beat_schedule["cleanup"]
    assert (entry["task"], entry["schedule"]) == (TASK, 3600)
    assert entry["options"]["expires"] == RING_LIFE_SECONDS < entry["schedule"]
    assert conf.broker_transport_options["data_folder_in"] == str(tmp_path / "broker")
    assert conf.beat_schedule_filename == str(tmp_path / "beat-schedule")
