"""Failpoints: places in a real process where a test can make something happen.

A failpoint is armed by a file of its name, which holds the action: ``exit``, ``stop``, ``sleep``,
``raise``, ``drop`` (the database's connection) or the name of a system error, which is raised. The
first to come by takes the file away, so it acts once, in whichever process or thread, and that the
file is gone says that it bit. The product has no hooks for it: they are put around it from outside,
by SQLAlchemy's events and around a few methods, and only in the programs of this package. A start
of the product with the variable that names their folder in its environment is refused.
"""

from __future__ import annotations

import _socket
import errno
import os
import signal
from collections.abc import Callable

# Not ``os.rename`` and the like: in a web node these belong to the hub, and journals are threads.
from posix import getpid, kill, rename, unlink
from threading import get_ident
from typing import Any

from sqlalchemy import Connection, Engine, event

from chatapp.files.bucket import BucketObjects
from chatapp.files.folder import FolderObjects
from chatapp.files.pictures.process import Decoder
from chatapp.store.database import bulk
from chatapp.store.database.engine import now_ms
from chatapp.store.log.journal import Journal
from chatapp.store.uploads import life as upload_life
from chatapp.store.uploads.life import UploadLife

SLEEP_SECONDS = 1.5

JOURNAL = ("before_begin", "after_fence", "after_insert", "before_commit", "after_commit")
HUB = ("after_ack", "after_publish")
LEASES = ("in_acquire", "in_release", "in_heartbeat")
CLEANUP = ("in_cleanup", "in_forgetting")
FILES = ("in_look", "after_put", "after_look", "before_bytes_go", "after_bytes_gone")
FILE_CLAIM_MS = 3_000  # as for the alarm: a killed look is taken up when its claim has run out
POINTS = (*JOURNAL, *HUB, *LEASES, *CLEANUP, *FILES, "in_accept")
ACTIONS = ("exit", "stop", "sleep", "raise", "drop")

# What is sent, by a phrase of it; the failpoint lies behind it, within its transaction.
_STATEMENTS = {
    "UPDATE room_leases SET last_seq=": "after_fence",
    "INSERT INTO events ": "after_insert",
    "UPDATE nodes SET beat=": "in_heartbeat",
    "DELETE FROM events ": "in_cleanup",
    "UPDATE texts_": "in_forgetting",  # texts were overwritten,
    "FROM kept ": "in_forgetting",  # or a table was emptied and written anew,
    "INSERT INTO sessions_anew ": "in_forgetting",  # or some of it was copied
}


class Injected(Exception):
    """What the action ``raise`` raises: an error that nobody has foreseen."""


class Failpoints:
    """``sleep`` must stop the thread it is called in."""

    def __init__(self, folder: str, sleep: Callable[[float], object]) -> None:
        self._folder = folder
        self._sleep = sleep
        self._journal: int | None = None  # its thread, while it commits
        self._connection: Any = None  # the journal's
        self._counts = {"reads": 0}  # of the log

    def hit(self, point: str, connection: Any = None) -> None:
        """Do what this point is armed for, if it is."""
        armed, taken = f"{self._folder}/{point}", f"{self._folder}/.{point}.{getpid()}"
        try:
            rename(armed, taken)
        except OSError:
            return
        with open(taken) as file:
            action = file.read()
        unlink(taken)
        self._act(action, connection)

    def _act(self, action: str, connection: Any) -> None:
        match action:
            case "exit":
                kill(getpid(), signal.SIGKILL)
            case "stop":
                kill(getpid(), signal.SIGSTOP)
            case "sleep":
                self._sleep(SLEEP_SECONDS)
            case "raise":
                raise Injected
            case "drop":
                _drop(connection)
            case name if name in errno.errorcode.values():
                number = getattr(errno, name)
                raise OSError(number, os.strerror(number))

    def _tell(self) -> None:
        """Who wants to know what was counted arms ``tally`` and finds it answered."""
        try:
            rename(f"{self._folder}/tally", f"{self._folder}/.tally")
        except OSError:
            return
        with open(f"{self._folder}/.tally", "w") as file:
            file.write(repr(self._counts["reads"]))
        rename(f"{self._folder}/.tally", f"{self._folder}/told")

    # --- where they lie -----------------------------------------------------------------------

    def install(self) -> None:
        """Put the points of the store around it; those of the hub are for ``follow``."""
        event.listen(Engine, "begin", self._on_begin)
        event.listen(Engine, "commit", self._on_commit)
        watch_statements(self._on_executed)
        self._around_journal(Journal)

    def install_for_files(self) -> None:
        """Put the points around looks and removals, in whichever program does them."""
        self.precede(Decoder, "make", "in_look")
        for objects in (FolderObjects, BucketObjects):
            self.follow(objects, "put", "after_put")
            self.precede(objects, "delete", "before_bytes_go")
            self.follow(objects, "delete", "after_bytes_gone")
        self.follow(UploadLife, "ready", "after_look")
        upload_life.CLAIM = upload_life.CLAIM.values(claimed_until=now_ms() + FILE_CLAIM_MS)

    def follow(self, owner: Any, name: str, point: str) -> None:
        """Put a point behind a method: it is reached when the method has done its work."""
        method = getattr(owner, name)

        def followed(*args: Any, **options: Any) -> Any:
            result = method(*args, **options)
            self.hit(point)
            return result

        setattr(owner, name, followed)

    def precede(self, owner: Any, name: str, point: str) -> None:
        """Put a point before a method: what it raises is raised in the method's stead."""
        method = getattr(owner, name)

        def preceded(*args: Any, **options: Any) -> Any:
            self.hit(point)
            return method(*args, **options)

        setattr(owner, name, preceded)

    def _around_journal(self, journal: Any) -> None:
        commit = journal.commit

        def watched(journal: Any, writes: Any) -> Any:
            self._journal = get_ident()
            try:
                outcomes = commit(journal, writes)
            finally:
                self._journal = None
            self.hit("after_commit", self._connection)
            return outcomes

        journal.commit = watched

    def _on_begin(self, connection: Connection) -> None:
        if self._journal == get_ident():
            self._connection = connection.connection.dbapi_connection
            self.hit("before_begin", self._connection)

    def _on_commit(self, connection: Connection) -> None:
        if self._journal == get_ident():
            self.hit("before_commit", self._connection)

    def _on_executed(self, connection: Connection, statement: str) -> None:
        self._counts["reads"] += statement.startswith("SELECT events.")
        self._tell()
        point = point_of(statement)
        if point is not None:
            self.hit(point, connection.connection.dbapi_connection)


def watch_statements(seen: Callable[[Connection, str], None]) -> Callable[[], None]:
    """Have every statement seen when it has been executed; gives what ends that.

    Those about many rows go past SQLAlchemy's events, and are caught where they all pass.
    """
    run = bulk._run

    def watched(connection: Connection, text: str, parameters: Any) -> Any:
        rows = run(connection, text, parameters)
        seen(connection, text)
        return rows

    def executed(connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        seen(connection, statement)

    def end() -> None:
        bulk._run = run
        event.remove(Engine, "after_cursor_execute", executed)

    bulk._run = watched
    event.listen(Engine, "after_cursor_execute", executed)
    return end


def point_of(statement: str) -> str | None:
    """The failpoint behind a statement of ours."""
    if "UPDATE room_leases SET owner_id=" in statement:
        return "in_acquire" if "epoch=(" in statement else "in_release"
    return next((point for phrase, point in _STATEMENTS.items() if phrase in statement), None)


def _drop(connection: Any) -> None:
    """Shut the connection's socket, as a network that fails does. SQLite has none."""
    ours = _socket.socket(fileno=os.dup(connection.fileno()))
    ours.shutdown(_socket.SHUT_RDWR)
    ours.close()
