"""What stands in the way of the alarm for real: a busy chat, a backup; and the worker that comes back."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time

import psutil
import pytest
from sqlalchemy import update

from chatapp.jobs.cleanup import clean_up
from chatapp.jobs.plan import RETRY_MS
from chatapp.jobs.report import Ending, Report
from chatapp.jobs.telling import tell
from chatapp.store.models import alarms
from tests.databases import sqlite_template, sqlite_url
from tests.integration.test_unfinished import DAY, HOUR, SECRET, House, house
from tests.running import ROOT, until
from tests.workers import running_worker

__all__ = ["house", "sqlite_template", "sqlite_url"]


BUSY = """
import sqlite3, sys, time

database = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
database.execute("PRAGMA synchronous = OFF")  # nobody pulls the plug of the machine
database.execute("CREATE TABLE IF NOT EXISTS talk (n INTEGER PRIMARY KEY, words BLOB)")
while True:
    if sys.argv[2] == "reads":
        newest = "SELECT sum(length(words)) FROM talk WHERE n > (SELECT max(n) FROM talk) - 900"
        database.execute(newest).fetchall()
    else:
        database.execute("INSERT INTO talk (words) VALUES (randomblob(4000))")
        time.sleep(0.002)
"""


def test_a_chat_that_is_busy_is_nothing_in_the_way(house: House) -> None:
    """There is somebody reading at any moment, but nobody for long."""
    doing = ("writes", "reads", "reads")
    busy = [subprocess.Popen([sys.executable, "-c", BUSY, str(house.file), what]) for what in doing]
    try:
        until(lambda: house.file.with_name("chat.db-wal").stat().st_size > 1_000_000)
        endings = []
        for _ in range(3):
            report = clean_up(house.database, DAY, now=lambda: house.now)
            endings.append(report.ending)
            house.now += HOUR
    finally:
        for process in busy:
            process.kill()
            process.wait()

    assert endings == [Ending.DONE] * 3


# A backup that stands still once it reads: a slow disk.
HELD = """
import os, signal, sqlite3, sys
from chatapp.cli import main

connect, is_held = sqlite3.connect, False

def hold():
    global is_held
    if not is_held:
        is_held = True
        os.kill(os.getpid(), signal.SIGSTOP)

def connect_to_a_slow_one(*place, **how):
    database = connect(*place, **how)
    database.set_progress_handler(hold, 10_000)
    return database

sqlite3.connect = connect_to_a_slow_one
sys.exit(main(["backup", sys.argv[1]]))
"""


def test_a_backup_under_way_is_waited_for_by_runs_that_try_again(house: House) -> None:
    house.sign_in(20_000, until=house.now)
    copy = house.file.with_name("copy")
    backup = subprocess.Popen(
        [sys.executable, "-c", HELD, str(copy)],
        cwd=ROOT,
        env={
            **os.environ,
            "DATABASE_URL": f"sqlite:///{house.file}",
            "CHAT_DATA_DIR": str(house.file.parent),
        },
        stdout=subprocess.DEVNULL,
    )
    try:
        until(lambda: psutil.Process(backup.pid).status() == psutil.STATUS_STOPPED, 30)
        assert not copy.exists()

        assert house.clean().ending is Ending.UNFINISHED
        backup.send_signal(signal.SIGCONT)
        assert backup.wait(30) == 0
    finally:
        backup.kill()
        backup.wait()
    house.now += RETRY_MS
    assert house.clean().ending is Ending.DONE
    assert not house.holds_secret()
    assert SECRET in copy.read_bytes()  # which is what the operations guide says of backups


def test_what_stands_in_the_way_is_said_once_an_hour_and_when_it_is_over(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("WARNING")
    for before in range(130):
        tell(Report(ending=Ending.UNFINISHED, hindrances=["a backup"], unfinished_before=before))
    tell(Report(ending=Ending.DONE, unfinished_before=130))
    tell(Report(ending=Ending.DONE))

    in_the_way = "the cleanup could not finish, and tries again each minute: a backup"
    assert caplog.messages == [in_the_way] * 3 + ["the cleanup has finished, after 130 runs that could not"]


@pytest.mark.slow
def test_a_worker_says_what_stands_in_its_way_and_finishes_when_it_tries_again(house: House) -> None:
    house.sign_in(1, until=1)
    hour_ago = int(time.time() * 1000) - HOUR
    with house.database.writing() as connection:
        connection.execute(update(alarms).values(next_due=hour_ago, done_cutoff=hour_ago - DAY))
    with running_worker(house.file.parent, "tests.integration.hasty_worker") as worker:
        with house.reader():
            until(lambda: house.slot()[2] > 0, 40)
        until(lambda: house.slot()[2] == 0, 40)
        worker.stop()
        output = worker.output

    assert not house.holds_secret()
    assert output.count("the cleanup could not finish") == 1
    assert len(re.findall(r"the cleanup has finished, after \d+ runs that could not", output)) == 1
    assert "Traceback" not in output
