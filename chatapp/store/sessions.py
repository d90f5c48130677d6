"""What people left in a room: their sessions with attachments, and how far they have read.

Rows are written by the journal, under the room's fence, and only read here. A session's row
outlives the stay, so that a device that comes back finds its attachment.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from sqlalchemy import BindParameter, Row, bindparam, exists, select, tuple_

from chatapp.rooms.events import SessionRecord
from chatapp.store.engine import Database
from chatapp.store.history import History
from chatapp.store.models import DEAD, nodes, read_cursors, sessions

_room: BindParameter[str] = bindparam("room")

NODE_LIVES = exists().where(nodes.c.node_id == sessions.c.node_id, nodes.c.state < DEAD)
_sessions_here = select(sessions, NODE_LIVES.label("node_is_live")).where(sessions.c.room_id == _room)
PRESENT = _sessions_here.where(sessions.c.is_present)
OF_DEVICES = _sessions_here.where(
    tuple_(sessions.c.user_id, sessions.c.device).in_(bindparam("devices", expanding=True))
)
READS = select(read_cursors.c.user_id, read_cursors.c.seq).where(
    read_cursors.c.room_id == _room, read_cursors.c.user_id.in_(bindparam("readers", expanding=True))
)
# Of the dead there may be many; only where a living node has somebody, somebody could see them.
_another = sessions.alias()
WITH_WITNESSES = (
    select(sessions.c.room_id)
    .distinct()
    .where(
        sessions.c.node_id == bindparam("dead"),
        sessions.c.is_present,
        exists().where(
            _another.c.room_id == sessions.c.room_id,
            _another.c.is_present,
            nodes.c.node_id == _another.c.node_id,
            nodes.c.state < DEAD,
        ),
    )
)
ROOMS_OF = (
    select(sessions.c.room_id, read_cursors.c.seq)
    .distinct()
    .outerjoin(
        read_cursors,
        (read_cursors.c.room_id == sessions.c.room_id) & (read_cursors.c.user_id == sessions.c.user_id),
    )
    .where(sessions.c.user_id == bindparam("user"))
    .order_by(sessions.c.room_id)
)


class RoomOf(msgspec.Struct, frozen=True, kw_only=True):
    """A room that somebody was in; ``read_seq`` is 0 if they have read nothing."""

    room_id: str
    head: int
    floor: int
    read_seq: int


class Sessions:
    def __init__(self, database: Database, history: History) -> None:
        self._database = database
        self._history = history

    def at_wake(self, room_id: str) -> list[SessionRecord]:
        """Who was present when the room was last awake, and whether their nodes still live."""
        with self._database.reading() as connection:
            return [_session(row) for row in connection.execute(PRESENT, {"room": room_id})]

    def of_devices(self, room_id: str, devices: Iterable[tuple[str, str]]) -> list[SessionRecord]:
        """The sessions of these (user_id, device), present or not."""
        asked = {"room": room_id, "devices": list(devices)}
        if not asked["devices"]:
            return []
        with self._database.reading() as connection:
            return [_session(row) for row in connection.execute(OF_DEVICES, asked)]

    def reads(self, room_id: str, user_ids: Iterable[str]) -> dict[str, int]:
        asked = {"room": room_id, "readers": list(user_ids)}
        if not asked["readers"]:
            return {}
        with self._database.reading() as connection:
            return {row.user_id: row.seq for row in connection.execute(READS, asked)}

    def rooms_with_witnesses(self, node_id: str) -> list[str]:
        """The rooms that had people of this node, and have some of a living one."""
        with self._database.reading() as connection:
            return list(connection.scalars(WITH_WITNESSES, {"dead": node_id}))

    def rooms_of(self, user_id: str, cutoff: int) -> list[RoomOf]:
        with self._database.reading() as connection:
            rows = connection.execute(ROOMS_OF, {"user": user_id}).all()
        found = [(row, self._history.bounds(row.room_id, cutoff)) for row in rows]
        return [
            RoomOf(room_id=row.room_id, head=bounds.head, floor=bounds.floor, read_seq=row.seq or 0)
            for row, bounds in found
            if bounds is not None
        ]


def _session(row: Row[tuple[object, ...]]) -> SessionRecord:
    return SessionRecord(**{**row._mapping, "node_is_live": bool(row.node_is_live)})
