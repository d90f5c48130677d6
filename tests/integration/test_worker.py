"""The real worker, with beat inside, as ``make run`` starts it."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from celery import Celery, signals
from kombu.exceptions import OperationalError
from sqlalchemy import select

from chatapp.files.folder import FolderObjects
from chatapp.files.place import claim
from chatapp.jobs.app import make_celery
from chatapp.jobs.cleanup import ALARM
from chatapp.jobs.plan import RETRY_MS, SECOND_LOOK_MS
from chatapp.jobs.report import Ending, Report
from chatapp.jobs.tasks import CLEANUP_TASK, LOOK_TASK
from chatapp.jobs.worker_cleanup import RING_LIFE_SECONDS
from chatapp.store.database.engine import open_database
from chatapp.store.migrations import upgrade
from chatapp.store.models import alarms, events
from tests.contracts.worlds import DatabaseWorld, event, write
from tests.running import until
from tests.workers import CELERY, OPTIONS, running_worker

DAY = 86_400_000


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Started from nothing, as a person starts it; in the other tests it is forked."""
    process = subprocess.Popen(
        [sys.executable, "-m", *CELERY, "celery_worker", *OPTIONS],
        env={**os.environ, "CHAT_DATA_DIR": str(tmp_path), "DATABASE_URL": "", "REDIS_URL": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    with process:
        try:
            yield process
        finally:  # a test that fails too, or it would wait for the end of one that nobody ends
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # its beat, which outlives it when it is killed


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

    def is_done() -> bool:
        with database.reading() as connection:
            due = connection.scalar(select(alarms.c.next_due).where(alarms.c.name == ALARM))
        return due is not None and due > time.time() * 1000

    until(is_done, 30, pause=0.05)
    with database.reading() as connection:
        left = connection.scalars(select(events.c.seq)).all()
    database.close()
    world.close()
    worker.send_signal(signal.SIGTERM)
    output, _ = worker.communicate(timeout=30)

    assert left == []
    # What Celery says to whoever pressed Ctrl-C is no line of the log.
    lines = [line for line in output.splitlines() if line and not line.startswith("worker: ")]
    told = [json.loads(line) for line in lines]
    assert [line["event"] for line in told if line["event"].startswith("cleanup done: 1 rows removed")]
    assert not [line for line in told if "exception" in line]
    assert worker.returncode == 0


@pytest.mark.slow
def test_a_worker_older_than_the_schema_ends_with_a_sentence(tmp_path: Path) -> None:
    upgrade(f"sqlite:///{tmp_path / 'chat.db'}")
    with closing(sqlite3.connect(tmp_path / "chat.db", isolation_level=None)) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")

    with running_worker(tmp_path) as worker:
        assert worker.wait() == 1

    assert "newer version of the chat" in worker.output
    assert "Traceback" not in worker.output


def test_a_worker_with_another_databases_files_ends_with_a_sentence(tmp_path: Path) -> None:
    upgrade(f"sqlite:///{tmp_path / 'chat.db'}")
    assert claim(FolderObjects(tmp_path / "uploads"), "somebody else's")

    with running_worker(tmp_path) as worker:
        assert worker.wait() == 1

    assert "belongs to another database" in worker.output
    assert "Traceback" not in worker.output


@pytest.mark.slow
def test_a_worker_that_is_killed_midway_is_finished_for_by_the_next(tmp_path: Path) -> None:
    url, database_file = f"sqlite:///{tmp_path / 'chat.db'}", tmp_path / "chat.db"
    upgrade(url)
    world = DatabaseWorld(url)
    now = int(time.time() * 1000)
    for room in ("one", "two", "three", "four"):
        old = [event(room, seq, ts=now - 2 * DAY) for seq in range(1, 5_001)]
        said = [*old, event(room, 5_001, ts=now)]
        world.commit([write(world.acquire(room, world.node()).lease, *said)])
    world.close()

    with closing(sqlite3.connect(database_file, isolation_level=None)) as database:

        def rows() -> int:
            count: int = database.execute("SELECT count(*) FROM events").fetchone()[0]
            return count

        with running_worker(tmp_path, "tests.integration.dying_worker") as killed:
            assert killed.wait() == -signal.SIGKILL
        assert 4 < rows() < 20_004
        claims = "UPDATE alarms SET claimed_until = ? WHERE claimed_by IS NOT NULL"
        assert database.execute(claims, (now,)).rowcount == 1, "the dead one's claim runs out"

        with running_worker(tmp_path) as next_one:
            until(lambda: rows() == 4, 60)
            until(lambda: database.execute("SELECT claimed_by FROM alarms").fetchone()[0] is None)
            assert next_one.stop() == 0

    assert "cleanup done" in next_one.output
    assert "Traceback" not in next_one.output


@pytest.mark.slow
def test_a_worker_whose_mail_was_spoiled_starts_and_cleans_up(tmp_path: Path) -> None:
    """The kinds of spoiling are those of test_mail.py; here they meet all that a worker and beat open."""
    upgrade(f"sqlite:///{tmp_path / 'chat.db'}")
    control = tmp_path / "broker" / "control"
    control.mkdir(parents=True)
    for place in (
        *(
            control / f"{name}.exchange"
            for name in ("celery", "celery.pidbox", "celeryev", "reply.celery.pidbox")
        ),
        *(tmp_path / "broker" / f"{number}_a.celery.msg" for number in range(3)),
        *(tmp_path / f"beat-schedule{suffix}" for suffix in ("", ".db", ".dat", ".dir", ".bak")),
    ):
        place.touch()

    with running_worker(tmp_path) as worker, closing(sqlite3.connect(tmp_path / "chat.db")) as database:
        until(lambda: database.execute("SELECT next_due FROM alarms WHERE next_due > 0").fetchone(), 30)
        assert worker.stop() == 0

    assert "cleanup done" in worker.output
    assert "Traceback" not in worker.output


def worker_in(tmp_path: Path) -> Celery:
    """The app of a worker on SQLite, with its mail and its files in that folder."""
    return make_celery(
        database_url=f"sqlite:///{tmp_path / 'chat.db'}",
        retention_ms=DAY,
        broker_url="filesystem://localhost",
        deployment_id="tests",
        data_dir=tmp_path,
        open_objects=lambda: FolderObjects(tmp_path / "uploads"),
    )


def test_celery_is_set_up_so_that_nothing_piles_up_and_nothing_foreign_is_taken(tmp_path: Path) -> None:
    conf = worker_in(tmp_path).conf

    assert conf.accept_content == ["json"]
    assert conf.task_ignore_result
    assert not conf.worker_hijack_root_logger
    entry = conf.beat_schedule["cleanup"]
    assert (entry["task"], entry["schedule"]) == (CLEANUP_TASK, 3600)
    assert entry["options"]["expires"] == RING_LIFE_SECONDS < entry["schedule"]
    assert conf.broker_transport_options["data_folder_in"] == str(tmp_path / "broker")
    assert conf.beat_schedule_filename == str(tmp_path / "beat-schedule")


def test_a_worker_that_cannot_ring_at_its_start_cleans_up_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk takes no mail, and it is the cleanup that would make room."""
    runs: list[str] = []
    celery = worker_in(tmp_path)

    def clean_up(database_url: str, *_: object) -> Report:
        runs.append(database_url)
        return Report(ending=Ending.DONE)

    def get_nowhere(**_: object) -> None:
        raise OperationalError("no space left on device")

    monkeypatch.setattr("chatapp.jobs.worker_cleanup.run_cleanup", clean_up)
    monkeypatch.setattr(celery.tasks[CLEANUP_TASK], "apply_async", get_nowhere)

    signals.worker_ready.send(sender=Starting(celery))

    assert len(runs) == 1


class Starting:
    """As much of a worker as the signal shows."""

    def __init__(self, app: Celery) -> None:
        self.app = app


@pytest.mark.parametrize(
    ("report", "seconds"),
    [
        (Report(ending=Ending.HELD, retry_after_ms=40_000), 41),
        (Report(ending=Ending.NOTED), SECOND_LOOK_MS / 1000 + 1),
        (Report(ending=Ending.UNFINISHED), RETRY_MS / 1000 + 1),
        (Report(ending=Ending.DONE), None),
        (Report(ending=Ending.NOT_DUE), None),
    ],
    ids=lambda value: value.ending.value if isinstance(value, Report) else str(value),
)
def test_a_run_that_could_not_act_or_not_finish_rings_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, report: Report, seconds: float | None
) -> None:
    """Also one that only noted a jump: a laptop may never be awake for the hour until the next ring."""
    rung: list[dict[str, float]] = []
    celery = worker_in(tmp_path)
    task = celery.tasks[CLEANUP_TASK]
    monkeypatch.setattr("chatapp.jobs.worker_cleanup.run_cleanup", lambda *_: report)
    monkeypatch.setattr(task, "apply_async", lambda **how: rung.append(how))

    task()

    assert rung == (
        [] if seconds is None else [{"countdown": seconds, "expires": seconds + RING_LIFE_SECONDS}]
    )


def test_while_the_database_is_away_tasks_say_so_in_one_line_and_fail_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "chat.db").mkdir()  # where a folder stands no file can be opened
    celery = worker_in(tmp_path)
    rung: list[str] = []
    for name in (LOOK_TASK, CLEANUP_TASK):
        monkeypatch.setattr(celery.tasks[name], "apply_async", lambda name=name, **_: rung.append(name))

    for name in (LOOK_TASK, CLEANUP_TASK, LOOK_TASK):
        celery.tasks[name]()

    assert [record.getMessage() for record in caplog.records] == [
        "The database cannot be used: unable to open database file"
    ]
    assert rung == [CLEANUP_TASK], "a picture is looked at by a web node where no worker does"
