"""I16, of files: when all but the newest words have expired, none of the others is in a file any more.

Which markers may be found is asked of the database, after the alarm: those in words that can be read.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec
from sqlalchemy import delete, func, insert, select

from chatapp.jobs.cleanup import ALARM
from chatapp.store.engine import DAY_MS, Database, open_database
from chatapp.store.models import LIVING, alarms, events
from chatapp.store.told import EVENT, stored_event
from faults.processes import ROOT
from faults.remains import is_marker, markers, search

LIVING_SHARE = 10  # one of so many messages


def remains(database_url: str, folders: Iterable[Path], settings: Mapping[str, str]) -> list[str]:
    """What is left in the files of a chat whose nodes have ended; nothing where nothing was ever said."""
    database = open_database(database_url)
    try:
        cutoff = _cutoff(database)
        if cutoff is None:
            return []
        _set_alarm(database, cutoff)
        complaints = _clean_up(database_url, cutoff + DAY_MS, settings)
        readable = _readable(database, cutoff)
    finally:
        database.close()
    found = {marker: file for marker, file in search(folders).items() if marker not in readable}
    left = [f"{marker.decode()} in {file}" for marker, file in found.items() if is_marker(marker)]
    return complaints + left


def _cutoff(database: Database) -> int | None:
    """So that of the messages the newest tenth lives."""
    with database.reading() as connection:
        count = connection.scalar(select(func.count()).select_from(events)) or 0
        newest_first = select(events.c.ts).order_by(events.c.ts.desc())
        return connection.scalar(newest_first.limit(1).offset(count // LIVING_SHARE))


def _set_alarm(database: Database, cutoff: int) -> None:
    """Due, and no jump of a clock."""
    row = {"name": ALARM, "next_due": cutoff + DAY_MS, "claimed_until": 0, "done_cutoff": cutoff}
    with database.writing() as connection:
        connection.execute(delete(alarms).where(alarms.c.name == row["name"]))
        connection.execute(insert(alarms), row)


def _clean_up(database_url: str, now: int, settings: Mapping[str, str]) -> list[str]:
    command = [sys.executable, "-m", "faults.clean_up_once", database_url, str(DAY_MS), str(now)]
    environment = {**os.environ, **settings}
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if ran.returncode:
        return [f"the alarm failed: {ran.stderr[-300:]}"]
    ending = msgspec.json.decode(ran.stdout)["ending"]
    return [] if ending == "done" else [f"the alarm ended as {ending}"]


def _readable(database: Database, cutoff: int) -> set[bytes]:
    living = select(*EVENT).where(events.c.ts > cutoff, events.c.gone == LIVING)
    with database.reading() as connection:
        said = map(stored_event, connection.execute(living))
        return set().union(*(markers(each.body.decode()) for each in said if each is not None))
