"""Proof of death: a lock that a node holds for as long as its process lives.

The operating system (SQLite: an flock beside the database file) or the database (PostgreSQL: an
advisory lock of the heartbeat's connection) lets go of it when the process ends, however it ends.
Whoever gets that lock knows that the node is gone, at once, without waiting for its lease.

The same means keep a second node out where there may be only one: one that must be alone wants a
common lock for itself, all others share it.
"""

from __future__ import annotations

import fcntl
import os
from hashlib import blake2b
from pathlib import Path
from typing import Protocol

from sqlalchemy import BigInteger, Connection, bindparam, func, select
from sqlalchemy.exc import DBAPIError

from chatapp.store.database.address import sqlite_path
from chatapp.store.database.engine import Database
from chatapp.store.database.failures import Failure, judge


class SecondNodeRefused(Exception):
    """Another living node uses this database, and the two could not reach each other's people."""

    def __init__(self) -> None:
        super().__init__(
            "Another web node is already running on this database. Stop it first, or set DATABASE_URL to "
            "PostgreSQL and REDIS_URL to Redis (for all nodes), so that several can work together."
        )


class ProofOfDeath(Protocol):
    """``hold`` first, then ask ``is_dead`` about others. Raises ``SecondNodeRefused``."""

    def hold(self, connection: Connection, node_id: str) -> None: ...

    def is_dead(self, connection: Connection, node_id: str) -> bool: ...

    def let_go(self, connection: Connection) -> None: ...


def proof_of_death(database: Database, url: str, *, must_be_alone: bool) -> ProofOfDeath:
    path = sqlite_path(url)
    if path is not None:
        return FileProof(path.with_name(path.name + ".node-lock"))
    return AdvisoryProof(must_be_alone=must_be_alone)


class FileProof:
    """One lock for one file: who has it is the only node, and every other one is dead."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def hold(self, connection: Connection, node_id: str) -> None:
        if self._file is not None:
            return
        file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            raise SecondNodeRefused from None
        self._file = file

    def is_dead(self, connection: Connection, node_id: str) -> bool:
        return True

    def let_go(self, connection: Connection) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


_KEY = bindparam("key", type_=BigInteger())
_TRY = select(func.pg_try_advisory_lock(_KEY))
_TRY_SHARED = select(func.pg_try_advisory_lock_shared(_KEY))
_TAKE = select(func.pg_advisory_lock(_KEY))
_SHARE = select(func.pg_advisory_lock_shared(_KEY))
_UNLOCK_ALL = select(func.pg_advisory_unlock_all())
_UNLOCK = select(func.pg_advisory_unlock(_KEY))


class AdvisoryProof:
    """Locks of one connection. If that was replaced, ``hold`` takes them anew on the next beat.

    Only the first time it must succeed: a node that is known is not stopped because the server
    has not yet noticed the end of its old connection.
    """

    def __init__(self, *, must_be_alone: bool) -> None:
        self._common = _TAKE if must_be_alone else _SHARE
        self._try_common = _TRY if must_be_alone else _TRY_SHARED
        self._held_on: object | None = None
        self._node_id: str | None = None

    def hold(self, connection: Connection, node_id: str) -> None:
        is_first_time = self._node_id is None
        beneath = connection.connection.dbapi_connection
        if self._held_on is beneath and self._node_id == node_id:
            return
        if is_first_time:
            self._share_or_refuse(connection)
        elif self._held_on is not beneath and not connection.scalar(
            self._try_common, {"key": _key("every node")}
        ):
            return
        if connection.scalar(_TRY, {"key": _key(node_id)}):
            self._held_on, self._node_id = beneath, node_id

    def is_dead(self, connection: Connection, node_id: str) -> bool:
        key = {"key": _key(node_id)}
        if not connection.scalar(_TRY, key):
            return False
        connection.scalar(_UNLOCK, key)
        return True

    def let_go(self, connection: Connection) -> None:
        connection.execute(_UNLOCK_ALL)

    def _share_or_refuse(self, connection: Connection) -> None:
        """Waits as long as a lock may take: the server needs a moment to see that a process ended."""
        try:
            connection.execute(self._common, {"key": _key("every node")})
        except DBAPIError as error:
            if judge(error) is Failure.LOCKED:
                raise SecondNodeRefused from None
            raise


def _key(name: str) -> int:
    return int.from_bytes(blake2b(b"chat node " + name.encode(), digest_size=8).digest(), signed=True)
