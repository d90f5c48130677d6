"""A copy of a SQLite database, made while it is used, and a copy put in its place.

Copying the file itself takes what has reached it and leaves out what still lies in the log beside
it. Here the database writes the copy, as of one moment. Either way the new file has its name only
when it is whole, so that a run that was killed leaves what was there before. It leaves a draft too, which
nobody would ever know of: the next run throws that away.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from chatapp.store.backup.renewal import NODE_RUNNING, NodeRunning
from chatapp.store.database.address import sqlite_path
from chatapp.store.database.engine import open_database
from chatapp.store.nodes.proof import SecondNodeRefused, proof_of_death

_MAGIC = b"SQLite format 3\0"
_DRAFT = ".draft"


class NoCopy(Exception):
    """It cannot be made or used; the message is a sentence."""


def back_up(database_url: str, copy: Path) -> None:
    """Write a whole copy, over an earlier one. Raises ``NoCopy``."""
    source = database_file(database_url)
    if copy.exists() and (copy.samefile(source) or not _is_database(copy)):
        raise NoCopy(f"{str(copy)!r} is no backup of a chat: it is left as it is.")
    with _whole(copy) as draft, closing(sqlite3.connect(source)) as database:
        database.execute("VACUUM INTO ?", [str(draft)])


def put_back(database_url: str, copy: Path) -> None:
    """Make the copy the database. Raises ``NoCopy``, or ``NodeRunning`` while a node uses it."""
    target = _file_of(database_url)
    check_copy(copy)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = open_database(database_url)
    proof = proof_of_death(database, database_url, must_be_alone=True)
    try:
        with database.reading() as connection:
            proof.hold(connection, "restore")
            with _whole(target) as draft:
                shutil.copyfile(copy, draft)
                # They belong to the database that goes, and would be taken for the other's.
                for beside in ("-wal", "-shm"):
                    target.with_name(target.name + beside).unlink(missing_ok=True)
            proof.let_go(connection)
    except SecondNodeRefused:
        raise NodeRunning(NODE_RUNNING) from None
    finally:
        database.close()


def check_copy(copy: Path) -> None:
    """Raises ``NoCopy`` for what cannot be put back."""
    if not _is_database(copy):
        raise NoCopy(f"{str(copy)!r} is no backup of a chat.")


def database_file(database_url: str) -> Path:
    """Raises ``NoCopy`` where there is none."""
    file = _file_of(database_url)
    if not file.exists():
        raise NoCopy(
            f"There is no database at {str(file)!r}: be in the folder where the chat is started, "
            "and have its settings."
        )
    return file


def _file_of(database_url: str) -> Path:
    path = sqlite_path(database_url)
    if path is None:
        raise NoCopy(
            "This chat's database is PostgreSQL: use its own pg_dump and pg_restore (docs/operations.md)."
        )
    return path


def _is_database(file: Path) -> bool:
    try:
        with file.open("rb") as opened:
            return opened.read(len(_MAGIC)) == _MAGIC
    except OSError as error:
        raise NoCopy(f"{str(file)!r} cannot be read: {error.strerror}.") from None


@contextmanager
def _whole(file: Path) -> Iterator[Path]:
    """A file to write to, private, which gets its name when all of it is on the disk."""
    try:
        _throw_away_drafts(file)
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=_before(file), suffix=_DRAFT)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield Path(name)
            os.fsync(handle)
            os.replace(name, file)
        finally:
            os.close(handle)
            with suppress(FileNotFoundError):
                os.unlink(name)
    except sqlite3.Error as error:
        raise NoCopy(f"{str(file)!r} was not written: {error}.") from None
    except OSError as error:
        raise NoCopy(f"{str(file)!r} was not written: {error.strerror}.") from None


def _before(file: Path) -> str:
    return f".{file.name}-"


def _throw_away_drafts(file: Path) -> None:
    """Those of runs that were killed: whoever is at one holds its lock."""
    for name in os.listdir(file.parent):
        if name.startswith(_before(file)) and name.endswith(_DRAFT):
            draft = file.parent / name
            with draft.open("rb") as opened, suppress(BlockingIOError):
                fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
                draft.unlink()
