"""The real worker, with beat inside, as ``make run`` starts it."""

from __future__ import annotations

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
from chatapp.jobs.cleanup import Ending, Report
from chatapp.jobs.plan import SECOND_LOOK_MS
from chatapp.store.engine import open_database
from chatapp.store.migrations import upgrade
from chatapp.store.models import alarms, events
from tests.contracts.worlds import DatabaseWorld, event, write

DAY = 86_400_000


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    celery = [sys.executable, "-m", "celery", "--app", "celery_worker", "worker"]
    process = subprocess.Popen(
        [*celery, "--beat", "--pool", "solo", "--loglevel", "INFO", "--without-gossip", "--without-mingle"],
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
    assert "cleanup done: 1 rows removed" in output
    assert "Traceback" not in output
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


@pytest.mark.parametrize(
    ("report", "seconds"),
    [
        (Report(ending=Ending.HELD, retry_after_ms=40_000), 41),
        (Report(ending=Ending.NOTED), SECOND_LOOK_MS / 1000 + 1),
        (Report(ending=Ending.DONE), None),
        (Report(ending=Ending.NOT_DUE), None),
    ],
    ids=lambda value: value.ending.value if isinstance(value, Report) else str(value),
)
def test_a_run_that_could_not_act_rings_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, report: Report, seconds: float | None
) -> None:
    """Also one that only noted a jump: a laptop may never be awake for the hour until the next ring."""
    rung: list[dict[str, float]] = []
    celery = make_celery(
        database_url=f"sqlite:///{tmp_path / 'chat.db'}",
        retention_ms=DAY,
        broker_url="filesystem://localhost",
        data_dir=tmp_path,
    )
    task = celery.tasks[TASK]
    monkeypatch.setattr("chatapp.jobs.app.run_cleanup", lambda *_: report)
    monkeypatch.setattr(task, "apply_async", lambda **how: rung.append(how))

    task()

    assert rung == (
        [] if seconds is None else [{"countdown": seconds, "expires": seconds + RING_LIFE_SECONDS}]
    )
