"""The room lock: who may act for a room, and the number that proves it.

Safety is the ``epoch`` alone: each ``acquire`` raises it, and every write of the journal compares
it inside its transaction. An owner that lost its room without noticing is refused there, whatever
its clock says. Time only decides when another node may try (``nodes``).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

import msgspec
from sqlalchemy import BindParameter, Connection, and_, bindparam, exists, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from chatapp.errors import ChatError, OwnerUnavailable, RoomNotFound
from chatapp.kernel.ports import Lease, OwnedElsewhere
from chatapp.store.database.engine import Database, now_ms
from chatapp.store.models import DEAD, LIVE, nodes, room_leases, rooms

VISIT_RESOLUTION_MS = 3_600_000

_lease = room_leases.c
_me: BindParameter[str] = bindparam("me")
_room: BindParameter[str] = bindparam("room")

SEEN = select(_lease.epoch, _lease.owner_id).where(_lease.room_id == _room)

OWNER_LIVES = exists().where(nodes.c.node_id == _lease.owner_id, nodes.c.state < DEAD)
LEASE_STATES = select(_lease.room_id, _lease.epoch, _lease.last_seq, _lease.owner_id).where(
    _lease.room_id.in_(bindparam("rooms", expanding=True))
)
ACQUIRE = (
    update(room_leases)
    .where(
        _lease.room_id == _room,
        _lease.epoch == bindparam("seen"),
        or_(_lease.owner_id.is_(None), _lease.owner_id == _me, ~OWNER_LIVES),
        exists().where(nodes.c.node_id == _me, nodes.c.state == LIVE),
    )
    .values(owner_id=_me, epoch=_lease.epoch + 1)
    .returning(_lease.stream_id, _lease.epoch, _lease.last_seq, _lease.last_at)
)

RELEASE = (
    update(room_leases)
    .where(_lease.room_id == _room, _lease.epoch == bindparam("held"), _lease.owner_id == _me)
    .values(owner_id=None)
    .returning(_lease.last_seq)
)

RELEASE_ALL = update(room_leases).where(_lease.owner_id == _me).values(owner_id=None)

# One write an hour at most: a visit only keeps the room from being forgotten.
VISIT = (
    update(rooms)
    .where(and_(rooms.c.room_id == _room, rooms.c.visited_at < now_ms() - VISIT_RESOLUTION_MS))
    .values(visited_at=now_ms())
)


class LeaseState(msgspec.Struct, frozen=True, kw_only=True):
    """A room's lease as the database has it: whose (None: nobody's, it sleeps), and how far its log goes."""

    room_id: str
    epoch: int
    head: int
    owner_id: str | None


class Leases:
    def __init__(self, database: Database) -> None:
        self._database = database
        insert = sqlite_insert if database.is_sqlite else postgresql_insert
        self._create = insert(room_leases).on_conflict_do_nothing()
        self._describe = insert(rooms).on_conflict_do_nothing()

    def acquire(self, room_id: str, *, node_id: str, create: bool) -> tuple[Lease, str | None]:
        """Take the room with a higher epoch, if nobody living owns it and this node is live.

        ``UPDATE room_leases SET owner_id=:me, epoch=epoch+1 WHERE room_id=:r AND epoch=:seen AND
        (it is free, or mine, or its owner is dead) AND I am live``: of any number who saw the same
        epoch, the database lets one through. The second value is who owned it until now.
        Raises ``RoomNotFound``, ``OwnedElsewhere``, ``OwnerUnavailable``.
        """
        try:
            return self._acquire(room_id, node_id=node_id, create=create)
        except OwnedElsewhere:
            raise
        except RoomNotFound:  # forgotten while it was looked at
            if not create:
                raise
        except OwnerUnavailable:
            # Given back between the refusal and the look at whose it is; or this node may own nothing.
            pass
        return self._acquire(room_id, node_id=node_id, create=create)

    def _acquire(self, room_id: str, *, node_id: str, create: bool) -> tuple[Lease, str | None]:
        seen = self._look(room_id)
        if seen is None and not create:
            raise RoomNotFound
        with self._database.writing() as connection:
            if seen is None:
                self._make_room(connection, room_id)
            asked = {"room": room_id, "seen": seen.epoch if seen else 0, "me": node_id}
            row = connection.execute(ACQUIRE, asked).one_or_none()
            if row is None:
                raise self._refusal(connection, room_id, node_id)
            connection.execute(VISIT, {"room": room_id})
        lease = Lease(
            room_id=room_id,
            stream_id=row.stream_id,
            node_id=node_id,
            epoch=row.epoch,
            last_seq=row.last_seq,
            last_at=row.last_at,
        )
        return lease, seen.owner_id if seen else None

    def _look(self, room_id: str) -> Any:
        with self._database.reading() as connection:
            return connection.execute(SEEN, {"room": room_id}).one_or_none()

    def lease_states(self, room_ids: Iterable[str]) -> list[LeaseState]:
        with self._database.reading() as connection:
            rows = connection.execute(LEASE_STATES, {"rooms": list(room_ids)})
            return [
                LeaseState(room_id=row.room_id, epoch=row.epoch, head=row.last_seq, owner_id=row.owner_id)
                for row in rows
            ]

    def _refusal(self, connection: Connection, room_id: str, node_id: str) -> ChatError:
        seen = connection.execute(SEEN, {"room": room_id}).one_or_none()
        if seen is None:
            return RoomNotFound()
        is_another = seen.owner_id is not None and seen.owner_id != node_id
        return OwnedElsewhere(seen.owner_id) if is_another else OwnerUnavailable()

    def release(self, lease: Lease) -> bool:
        """Give the room back: ``SET owner_id=NULL WHERE`` epoch and owner are still these.

        A room that somebody else took meanwhile is left alone. The epoch stays, so that it never
        falls along the log. True if nothing was ever said in the room.
        """
        asked = {"room": lease.room_id, "held": lease.epoch, "me": lease.node_id}
        with self._database.writing() as connection:
            return bool(connection.scalar(RELEASE, asked) == 0)

    def _make_room(self, connection: Connection, room_id: str) -> None:
        """``INSERT … ON CONFLICT DO NOTHING``: of two who make the same room, both find one room."""
        fresh = {"room_id": room_id, "stream_id": str(uuid4()), "epoch": 0, "last_seq": 0, "last_at": 0}
        connection.execute(self._create, fresh)
        now = connection.scalar(select(now_ms()))
        connection.execute(self._describe, {"room_id": room_id, "created_at": now, "visited_at": now})
