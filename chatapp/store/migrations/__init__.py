"""The schema's versions, brought about by whoever starts first.

A web node calls ``upgrade`` at its start; of several that start together, one does the work and
the others wait at a lock. The worker only waits (``wait_for_schema``).

Nodes of two versions work side by side, and a migration lets those of the version before go on; one that
cannot says so (``needs_older_nodes_stopped``), and is refused while a node lives.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DBAPIError

from chatapp.private import make_private
from chatapp.store.database.address import sqlite_path
from chatapp.store.database.engine import Database, open_database
from chatapp.store.database.failures import Failure, judge
from chatapp.store.forgetting import space
from chatapp.store.forgetting.copy_schema import settle
from chatapp.store.forgetting.expiry import truncate_wal
from chatapp.store.forgetting.forgetting import switch_wal
from chatapp.store.forgetting.reserve import Reserve, has_room
from chatapp.store.nodes.proof import SecondNodeRefused, proof_of_death

_ADVISORY_KEY = 7_203_557_218  # any number that nobody else uses in this database
_MAKE_ROOM = "make room where the chat's data lies, then start again."
_STILL_RUNNING = (
    "No older version can use the database after this upgrade, and a web node is running on it: "
    "stop every web node and the worker, then start again."
)


class DatabaseUnusable(Exception):
    """The database does not answer, or is none of this chat's; the message is a sentence."""


def upgrade(database_url: str) -> None:
    """Bring the schema to this version of the code. Raises ``DatabaseUnusable``."""
    try:
        _upgrade_somewhere(database_url)
    except DBAPIError as error:
        if _is_full(error, sqlite_path(database_url)):
            raise DatabaseUnusable(f"The disk is full: {_MAKE_ROOM}") from error
        reason = str(error.orig).splitlines()[0].rstrip(".")
        raise DatabaseUnusable(f"The database cannot be used: {reason}.") from error


def _upgrade_somewhere(database_url: str) -> None:
    path = sqlite_path(database_url)
    database = open_database(database_url)
    try:
        if path is None:
            _upgrade_postgresql(database, database_url)
        else:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            for file in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
                make_private(file)
            _upgrade_sqlite(database, database_url, path)
    finally:
        database.close()


def _upgrade_sqlite(database: Database, url: str, path: Path) -> None:
    """On a full disk in the room of the reserve, so that the chat can be read, and cleaned up."""
    reserve = Reserve(database)
    try:
        _upgrade_file(database, url, path)
    except DBAPIError as error:
        if not _is_full(error, path) or not reserve.spend():
            raise
        with suppress(DBAPIError):
            truncate_wal(database)
        _upgrade_file(database, url, path)
    finally:
        reserve.restore()


def _is_full(error: DBAPIError, path: Path | None) -> bool:
    """SQLite has many words for it, according to which file it wanted to write."""
    return judge(error) is Failure.FULL or (path is not None and not has_room(path.parent))


def _upgrade_file(database: Database, url: str, path: Path) -> None:
    with (
        _file_lock(path.with_name(path.name + ".schema-lock")),
        ExitStack() as alone,
        database.writing() as connection,
    ):
        has_moved_texts = _upgrade(connection, url, alone)
    space.make_shrinkable(database)
    if has_moved_texts:
        truncate_wal(database)


def has_schema(database_url: str) -> bool:
    """True if the database is where this code wants it. Creates no file, needs no lock.

    Raises ``DatabaseUnusable`` if it is beyond that: nobody takes a schema back.
    """
    path = sqlite_path(database_url)
    if path is not None and not path.exists():
        return False
    database = open_database(database_url)
    try:
        with database.reading() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
    except DBAPIError:
        return False  # not there yet, or not in a state to answer
    finally:
        database.close()
    _refuse_unknown(current)
    return current == ScriptDirectory.from_config(_config()).get_current_head()


def wait_for_schema(database_url: str, *, sleep: Callable[[float], object] = time.sleep) -> None:
    """Return as soon as somebody has upgraded the schema; asks twice a second.

    Raises ``DatabaseUnusable``, as ``has_schema`` does.
    """
    while not has_schema(database_url):
        sleep(0.5)


def _upgrade_postgresql(database: Database, url: str) -> None:
    with ExitStack() as alone, database.writing() as connection:
        # A migration may take as long as it takes, and so may waiting for somebody else's.
        for setting in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
            connection.execute(select(func.set_config(setting, "0", True)))
        connection.execute(select(func.pg_advisory_xact_lock(_ADVISORY_KEY)))
        has_moved_texts = _upgrade(connection, url, alone)
    if has_moved_texts:
        _leave_no_samples(database)


def _leave_no_samples(database: Database) -> None:
    """PostgreSQL drops its samples of texts as it drops any row: where it may be asked, they are overwritten.

    What it does not allow, or not now, is for whoever runs the server (docs/operations.md).
    """
    with suppress(DBAPIError), database.reading() as connection:
        connection.exec_driver_sql("VACUUM FULL pg_statistic")
    with suppress(DBAPIError):
        switch_wal(database)


def _upgrade(connection: Connection, url: str, alone: ExitStack) -> bool:
    """In the transaction at hand, and if need be alone until that has ended; True if it was need."""
    config = _config()
    current = MigrationContext.configure(connection).get_current_revision()
    _refuse_unknown(current)
    # In an empty database nobody can be.
    needs_to_be_alone = current is not None and any(_stops_older_nodes(script) for script in _after(current))
    if needs_to_be_alone:
        _be_alone(url, alone)
    if connection.dialect.name == "sqlite" and current is not None and [*_after(current)]:
        settle(connection)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return needs_to_be_alone


def _after(revision: str) -> Iterator[Script]:
    return ScriptDirectory.from_config(_config()).iterate_revisions("head", revision)


def _stops_older_nodes(script: Script) -> bool:
    return getattr(script.module, "needs_older_nodes_stopped", False)


def _be_alone(url: str, alone: ExitStack) -> None:
    """Hold what each web node holds, on a connection of its own: the transaction's knows no time-outs."""
    database = open_database(url)
    alone.callback(database.close)
    connection = alone.enter_context(database.reading())
    proof = proof_of_death(database, url, must_be_alone=True)
    try:
        proof.hold(connection, "upgrade")
    except SecondNodeRefused:
        raise DatabaseUnusable(_STILL_RUNNING) from None
    alone.callback(proof.let_go, connection)


def _refuse_unknown(revision: str | None) -> None:
    scripts = ScriptDirectory.from_config(_config())
    if revision is not None and revision not in {script.revision for script in scripts.walk_revisions()}:
        raise DatabaseUnusable(
            f"The database was used by a newer version of the chat: its schema is {revision}, this version "
            f"knows none after {scripts.get_current_head()}. Start that version, or restore an older backup."
        )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


@contextmanager
def _file_lock(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
