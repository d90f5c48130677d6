"""The reserve: room on the disk that only the cleanup may use, so that a full disk can be made less full.

A file beside SQLite's, of nothing but its size. A cleanup that finds the disk full empties it and works on in
the room that this gives back; until it is filled again nobody else may store a message, or else the chat
would have that room within a second. PostgreSQL's disk is its server's affair.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic

from sqlalchemy.exc import SQLAlchemyError

from chatapp.store.database.engine import Database
from chatapp.store.forgetting.expiry import truncate_wal

# As much as SQLite's write-ahead log usually grows to, before it is copied into the database: then the room
# that the copying may need is there, whatever the log holds.
MOST_BYTES = 4_200_000
LEAST_BYTES = 64_000
HEAD_BYTES = 4096  # the part that is never given: it holds the size that the whole has to have again
SHARE = 2  # of a disk that is small, the log has the other half
LOOK_SECONDS = 1.0


class Reserve:
    """As one process sees it. Where it cannot be had there is none, and nothing is held back."""

    def __init__(self, database: Database) -> None:
        self._database = database
        name = database.engine.url.database
        self._path = Path(f"{name}.reserve") if database.is_sqlite and name else None
        self._spending: int | None = None  # the open file; its lock says that a cleanup is at it
        self._look_at = self._room_at = 0.0

    def fill(self) -> None:
        """As far as the disk allows, unless somebody is about to spend it."""
        if self._path is None:
            return
        is_new = not self._path.exists()
        with suppress(OSError):
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if not _grow(descriptor, self._path) and is_new:
                    self._path.unlink()
            finally:
                os.close(descriptor)

    def spend(self) -> bool:
        """Give its room to the disk until ``restore``; False if there is none to give, or no more."""
        if self._path is None or self._spending is not None:
            return False
        with suppress(OSError):
            descriptor = os.open(self._path, os.O_RDWR)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                os.ftruncate(descriptor, HEAD_BYTES)
            except OSError:
                os.close(descriptor)
                raise
            self._spending = descriptor
            return True
        return False

    def restore(self) -> None:
        """Whoever has spent it is done. Where there is no room yet, ``is_spent`` looks for it."""
        if self._spending is not None:
            os.close(self._spending)
            self._spending = None
        self.fill()

    def make_room(self) -> None:
        """The disk is full: empty SQLite's write-ahead log, which holds far more than what is new.

        To do so needs room itself, for pages that are new in the database. Not at each question.
        """
        if self._path is None or monotonic() < self._room_at:
            return
        self._room_at = monotonic() + LOOK_SECONDS
        with self.given():
            pass

    @contextmanager
    def given(self) -> Iterator[None]:
        """For the block: the room of the reserve, and what there is in the write-ahead log."""
        self.spend()
        with suppress(SQLAlchemyError):
            truncate_wal(self._database)
        try:
            yield
        finally:
            self.restore()

    def is_spent(self) -> bool:
        """True while only the cleanup may use what room there is."""
        if not self._is_bare():
            return False
        if monotonic() >= self._look_at:
            self._look_at = monotonic() + LOOK_SECONDS
            self.fill()
        return self._is_bare()

    def _is_bare(self) -> bool:
        try:
            return self._path is not None and os.stat(self._path).st_size <= HEAD_BYTES
        except OSError:
            return False


def has_room(folder: Path) -> bool:
    """False if the disk is so full that SQLite may fail in any of its ways."""
    try:
        disk = os.statvfs(folder)
    except OSError:
        return True  # that is not what is wrong
    return disk.f_bavail * disk.f_frsize >= LEAST_BYTES


def _grow(descriptor: int, path: Path) -> bool:
    """True if it has its size now: the one it had before it was spent, or one that suits the disk."""
    has, disk = os.fstat(descriptor).st_size, os.statvfs(path)
    suits = min(MOST_BYTES, (disk.f_bavail * disk.f_frsize + has) // SHARE)
    wanted = max(suits, _noted(descriptor))
    if wanted >= LEAST_BYTES and wanted > has:
        try:
            os.posix_fallocate(descriptor, 0, wanted)
            os.pwrite(descriptor, str(wanted).encode().ljust(HEAD_BYTES), 0)
        except OSError:
            os.ftruncate(descriptor, has)
    return os.fstat(descriptor).st_size > HEAD_BYTES


def _noted(descriptor: int) -> int:
    try:
        return min(MOST_BYTES, int(os.pread(descriptor, HEAD_BYTES, 0)))
    except ValueError:
        return 0
