"""F16: the clock of a node, or of a worker, jumps by an hour.

libfaketime stands before the processes' clocks. Where the database is a server its clock is nobody's
but its own, so a node or a worker that is wrong decides nothing. SQLite has the clock of whoever
asks: there a worker that is wrong by an hour must not delete at once what it takes for old.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from email.utils import parsedate_to_datetime
from pathlib import Path
from time import time
from urllib.request import urlopen

from sqlalchemy import func, select, update

from chatapp.store.database.engine import open_database
from chatapp.store.models import LIVE, alarms, nodes
from faults.crowd import Crowd
from faults.past import HOUR_MS, add_room, count, set_alarm
from faults.processes import ROOT, NotSo
from faults.scenario import CLUSTER, POSTGRESQL, SQLITE, Outcome, Scenario, Stage
from faults.topology import Topology

LIBRARIES = ("/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/lib/faketime/libfaketimeMT.so.1")
JUMP_SECONDS = 3600
CALM_SECONDS = 7.0  # longer than a lease
RETENTION_MS = 24 * HOUR_MS
YOUNG, OLD = 100, 100  # messages of 23 and of 25 hours


def library() -> Path | None:
    found = [path for pattern in LIBRARIES for path in Path("/").glob(pattern.lstrip("/"))]
    return found[0] if found else None


def why_not() -> str | None:
    return None if library() else "libfaketime is not installed (Debian: apt install libfaketime)"


def faked(clock: Path) -> dict[str, str]:
    """The environment of a process whose wall clock is shifted by what the file says, in seconds."""
    return {
        "LD_PRELOAD": str(library()),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }


def run(stage: Stage, where: str) -> Outcome:
    outcome = Outcome()
    clock = stage.new_folder() / "clock"
    _set(clock, 0)
    with stage.chat(where, {} if where == SQLITE else faked(clock)) as chat:
        add_room(chat.database_url, "old", [25 * HOUR_MS] * OLD + [23 * HOUR_MS + HOUR_MS // 2] * YOUNG)
        if where != SQLITE:
            _jump_the_node(chat, clock, outcome)
        _jump_the_worker(chat, clock, outcome, where)
    return outcome


def _jump_the_node(chat: Topology, clock: Path, outcome: Outcome) -> None:
    with Crowd(chat.addresses) as crowd:
        crowd.run(2)
        epochs = chat.epochs()
        for seconds in (JUMP_SECONDS, -JUMP_SECONDS, 0):
            _set(clock, seconds)
            crowd.run(CALM_SECONDS)
            if abs(_shown_clock(chat) - seconds) < 60:
                outcome.bites["node_clock_jumps"] = outcome.bites.get("node_clock_jumps", 0) + 1
        outcome.expect(chat.epochs() == epochs, "a room was taken over")
        history = crowd.settle(chat.database_url)
    outcome.check(history)
    outcome.expect(_lives(chat) == (len(chat.nodes), LIVE), "a node was declared dead")
    outcome.expect(history.counts()["lost_connections"] == 0, "somebody lost their connection")


def _jump_the_worker(chat: Topology, clock: Path, outcome: Outcome, where: str) -> None:
    """Cleanups by a worker whose clock is wrong, each when it is due."""
    for seconds in (JUMP_SECONDS, -JUMP_SECONDS):
        set_alarm(chat.database_url, due_hours_ago=9, done_hours_ago=1)
        _set(clock, seconds)
        told = _clean_up(chat, clock)
        outcome.bites["worker_runs"] = outcome.bites.get("worker_runs", 0) + 1
        young = count(chat.database_url) - count(chat.database_url, older_than_ms=24 * HOUR_MS)
        outcome.expect(young >= YOUNG, f"with its clock at {seconds:+} s it deleted what was not old")
        if where == SQLITE and seconds > 0:
            outcome.expect(told["ending"] == "noted", f"the jump was not noted: {told}")
            outcome.bites["jumps_noted"] = 1
            # The second run, eleven minutes later by the same clock, believes it.
            _set(clock, seconds + 660)
            _set_due(chat)
            second = _clean_up(chat, clock)
            outcome.bites["jumps_believed"] = int(second["ending"] == "done")
            return
    outcome.expect(count(chat.database_url, older_than_ms=24 * HOUR_MS) == 0, "old messages are left")


def _set_due(chat: Topology) -> None:
    database = open_database(chat.database_url)
    with database.writing() as connection:
        connection.execute(update(alarms).values(next_due=0))
    database.close()


def _clean_up(chat: Topology, clock: Path) -> dict[str, object]:
    environment = os.environ | faked(clock)
    command = [sys.executable, "-m", "faults.clean_up_once", chat.database_url, str(RETENTION_MS)]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    if done.returncode:
        raise NotSo(f"a cleanup failed: {done.stderr[-500:]}")
    told: dict[str, object] = json.loads(done.stdout)
    return told


def _set(clock: Path, seconds: int) -> None:
    draft = clock.with_suffix(".new")
    draft.write_text(f"{seconds:+}\n")
    draft.rename(clock)


def _shown_clock(chat: Topology) -> float:
    """By how much the node's clock differs from ours, as its answers say."""
    with urlopen(chat.node.url + "/healthz", timeout=5) as response:
        return parsedate_to_datetime(response.headers["Date"]).timestamp() - time()


def _lives(chat: Topology) -> tuple[int, int]:
    """How many nodes have ever been there, and in which state the last is."""
    database = open_database(chat.database_url)
    with database.reading() as connection:
        found = connection.execute(select(func.count(), func.max(nodes.c.state))).one()
    database.close()
    return found[0], found[1]


SCENARIO = Scenario(
    name="F16",
    title="the clock of a node or a worker jumps",
    criterion="no takeover; nothing younger than 24 h deleted; a jump of the cutoff waits for its second run",
    run=run,
    places=(POSTGRESQL, SQLITE, CLUSTER),
    why_not=why_not,
    catches={"application_clock": CLUSTER},
)
