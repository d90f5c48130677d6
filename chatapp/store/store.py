"""The whole store, as one thread has it.

Everything here blocks, and belongs to the thread that made it. A web node reaches it through
``threaded``; the worker and the tests use it as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chatapp.kernel.ports import Acquired, Lease, Outcome, RoomWrite
from chatapp.rooms.events import Found, Need
from chatapp.store.engine import Database
from chatapp.store.history import Bounds, History
from chatapp.store.journal import Journal
from chatapp.store.leases import Leases, LeaseState
from chatapp.store.names import RoomNames
from chatapp.store.sessions import Sessions
from chatapp.store.silence import forget_silent
from chatapp.store.users import Users


class Store:
    """``history``, ``sessions`` and ``users`` are for whoever reads; the methods are the kernel's."""

    def __init__(self, database: Database, retention_ms: int) -> None:
        self.database = database
        self.history = History(database)
        self.sessions = Sessions(database)
        self.users = Users(database)
        self._names = RoomNames(database)
        self._leases = Leases(database)
        self._journal = Journal(database, self.history, retention_ms)

    def acquire(self, room_id: str, *, node_id: str, create: bool) -> Acquired:
        """``memory`` is the sessions that were present, as a tuple of ``SessionRecord``."""
        lease, last_owner = self._leases.acquire(room_id, node_id=node_id, create=create)
        memory = tuple(self.sessions.at_wake(room_id))
        elsewhere = {s.node_id for s in memory if s.node_is_live and s.node_id != node_id}
        return Acquired(
            lease=lease,
            memory=memory,
            was_released=last_owner is None,
            is_takeover=last_owner not in (None, node_id),
            listening=tuple(sorted(elsewhere)),
        )

    def release(self, lease: Lease) -> None:
        self._leases.release(lease)

    def release_and_forget(self, lease: Lease) -> None:
        """Give the room back; one in which nothing was ever said, and nobody is, is no more."""
        if self._leases.release(lease):
            with self.database.writing() as connection:
                forget_silent(connection, [lease.room_id])

    def lease_states(self, room_ids: Iterable[str]) -> list[LeaseState]:
        return self._leases.lease_states(room_ids)

    @property
    def trouble(self) -> str | None:
        """Why the last commit was not stored, in the database's words."""
        return self._journal.trouble

    def commit(self, writes: Sequence[RoomWrite]) -> list[Outcome]:
        return self._journal.commit(writes)

    def load(self, lease: Lease, need: Need) -> Found:
        room_id = lease.room_id
        return Found(
            known=self.history.lookup(room_id, need.client_ids),
            ranges={wanted: self.history.range(room_id, wanted, need.cutoff) for wanted in need.ranges},
            tail=self.history.tail(room_id, need.tail, need.cutoff) if need.tail else (),
            floor=None if need.floor_from is None else self._floor(room_id, need.floor_from, need.cutoff),
            sessions=self.sessions.of_devices(room_id, need.sessions),
            reads=self.sessions.reads(room_id, need.readers),
            names=self._names.holders(room_id, need.names, need.cutoff),
        )

    def close(self) -> None:
        self.database.close()

    def _floor(self, room_id: str, floor_from: int, cutoff: int) -> tuple[int, int] | None:
        bounds: Bounds | None = self.history.bounds(room_id, cutoff, start=floor_from)
        if bounds is None or bounds.floor_ts is None:
            return None
        return bounds.floor, bounds.floor_ts
