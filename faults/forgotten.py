"""I16, of files: when all but the newest words have expired, none of the others is in a file any more.

Nor is what was sent with them, nor a row of whom they called. Which markers may be found is asked of the
database, after the alarm: those in words that can be read, and in the files of the same messages.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec
from sqlalchemy import ColumnElement, Table, delete, func, insert, select

from chatapp.files.looking import bytes_of
from chatapp.files.objects import open_objects
from chatapp.jobs.cleanup import ALARM
from chatapp.store.database.engine import DAY_MS, Database, open_database
from chatapp.store.log.told import EVENT, stored_event
from chatapp.store.models import LIVING, READY, alarms, events, mentions, uploads
from chatapp.store.uploads.life import UploadLife
from faults.processes import ROOT
from faults.remains import is_marker, markers, search

LIVING_SHARE = 10  # one of so many messages


def remains(
    database_url: str, folders: Iterable[Path], settings: Mapping[str, str], data_dir: Path | None
) -> list[str]:
    """What is left in the files of a chat whose nodes have ended; nothing where nothing was ever said.

    ``data_dir`` is where they kept what people sent; None: in a bucket, which is left alone.
    """
    database = open_database(database_url)
    try:
        cutoff = _cutoff(database)
        if cutoff is None:
            return []
        _set_alarm(database, cutoff)
        complaints = _clean_up(database_url, cutoff + DAY_MS, settings, data_dir)
        complaints += _rows_left(database, mentions, mentions.c.ts <= cutoff)
        readable = _readable(database, cutoff)
        if data_dir is not None:
            sent_at = func.coalesce(uploads.c.message_ts, uploads.c.created_at)
            complaints += _rows_left(database, uploads, sent_at <= cutoff)
            readable |= _readable_in_files(database, cutoff, data_dir)
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


def _clean_up(database_url: str, now: int, settings: Mapping[str, str], data_dir: Path | None) -> list[str]:
    given = [database_url, str(DAY_MS), str(now), *([] if data_dir is None else [str(data_dir)])]
    command = [sys.executable, "-m", "faults.clean_up_once", *given]
    environment = {**os.environ, **settings}
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if ran.returncode:
        return [f"the alarm failed: {ran.stderr[-300:]}"]
    ending = msgspec.json.decode(ran.stdout)["ending"]
    return [] if ending == "done" else [f"the alarm ended as {ending}"]


def _rows_left(database: Database, table: Table, is_over: ColumnElement[bool]) -> list[str]:
    with database.reading() as connection:
        count = connection.scalar(select(func.count()).select_from(table).where(is_over))
    return [f"{count} rows of {table.name} are left"] if count else []


def _readable(database: Database, cutoff: int) -> set[bytes]:
    living = select(*EVENT).where(events.c.ts > cutoff, events.c.gone == LIVING)
    with database.reading() as connection:
        said = map(stored_event, connection.execute(living))
        return set().union(*(markers(each.body.decode()) for each in said if each is not None))


def _readable_in_files(database: Database, cutoff: int, data_dir: Path) -> set[bytes]:
    objects, found = open_objects(None, data_dir), set[bytes]()
    for row in UploadLife(database).all():
        if row.state == READY and row.message_ts is not None and row.message_ts > cutoff:
            found |= markers(b"".join(bytes_of(row, objects)).decode(errors="replace"))
    return found
