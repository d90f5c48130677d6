"""What people left in a room: their sessions with attachments, and how far they have read.

Rows are written by the journal, under the room's fence, and only read here. A session's row
outlives the stay, so that a device that comes back finds its attachment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from sqlalchemy import BindParameter, Text, and_, bindparam, exists, func, literal_column, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.sql import ClauseElement, FromClause

from chatapp.rooms.aspect import Question
from chatapp.rooms.attendance.sessions import SessionRecord, SessionsOf
from chatapp.rooms.events import Record
from chatapp.rooms.messages.pages import EVENTS_A_ROW
from chatapp.rooms.reading import ReadRecord, ReadsOf
from chatapp.store.database.bulk import Columns, bulk
from chatapp.store.database.engine import Database
from chatapp.store.models import DEAD, LIVING, events, nodes, read_cursors, room_leases, sessions
from chatapp.store.parts import Reader, Writer, one_by_one, overwrite
from chatapp.store.people.mentions import unread_mentions

PEOPLE_COUNTED = 100
"""Who is in a room is counted up to here: there may be ten thousand, and strangers ask."""

UNREAD_LOOKED_AT = 100
"""What is unread is counted among this many of the newest messages: a room may have a million."""

_room: BindParameter[str] = bindparam("room")
_person: BindParameter[str] = bindparam("user")

# DEAD as it is: a statement over many rows has no parameters but theirs.
NODE_LIVES = exists().where(nodes.c.node_id == sessions.c.node_id, nodes.c.state < literal_column(str(DEAD)))
PRESENT = select(sessions, NODE_LIVES.label("node_is_live")).where(
    sessions.c.room_id == _room, sessions.c.is_present
)

_FIELDS = (*sessions.c.keys(), "node_is_live")
_DEVICES: Columns = {"room": Text(), "person": Text(), "place": Text()}


def _of_devices(asked: FromClause) -> ClauseElement:
    here, wanted = sessions.c, asked.c
    is_this = and_(here.room_id == wanted.room, here.user_id == wanted.person, here.device == wanted.place)
    return select(sessions, NODE_LIVES.label("node_is_live")).join_from(asked, sessions, is_this)


READS = select(read_cursors.c.user_id, read_cursors.c.seq).where(
    read_cursors.c.room_id == _room, read_cursors.c.user_id.in_(bindparam("readers", expanding=True))
)
PRESENT_IN = (
    select(sessions.c.room_id, sessions.c.user_id)
    .distinct()
    .where(sessions.c.user_id.in_(bindparam("users", expanding=True)), sessions.c.is_present)
)
# A person is here once, however many devices they brought. In the order of the key, so that it ends early.
_living_nodes = select(nodes.c.node_id).where(nodes.c.state < literal_column(str(DEAD)))
_here = (
    select(func.max(sessions.c.name).label("name"))
    .where(sessions.c.room_id == _room, sessions.c.is_present, sessions.c.node_id.in_(_living_nodes))
    .group_by(sessions.c.user_id)
    .order_by(sessions.c.user_id)
    .limit(literal_column(str(PEOPLE_COUNTED)))
    .subquery("here")
)
PEOPLE_IN = (
    select(_here.c.name, func.count().over().label("people")).order_by(_here.c.name).limit(bindparam("named"))
)
# Of the dead there may be many; only where a survivor has somebody, somebody could see them.
_another = sessions.alias()
WITH_SURVIVORS = (
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
_stays = (
    select(sessions.c.room_id, func.max(sessions.c.seen_at).label("seen_at"))
    .where(sessions.c.user_id == _person)
    .group_by(sessions.c.room_id)
    .subquery("stays")
)
_read = func.coalesce(read_cursors.c.seq, 0)
# Cut off before anything is left out: whatever has expired or is one's own, no more rows are read.
_log = (
    select(events.c.type, events.c.user_id, events.c.ts, events.c.gone)
    .where(events.c.room_id == _stays.c.room_id, events.c.seq > _read)
    .order_by(events.c.seq.desc())
    .limit(EVENTS_A_ROW * UNREAD_LOOKED_AT)
    .correlate(_stays, read_cursors)
    .subquery("log")
)
_newest = select(_log).where(_log.c.type == "message").limit(UNREAD_LOOKED_AT).subquery("newest")
_unread = (
    select(func.count())
    .select_from(_newest)
    .where(_newest.c.user_id != _person, _newest.c.ts > bindparam("cutoff"), _newest.c.gone == LIVING)
    .scalar_subquery()
)
ROOMS_OF = (
    select(
        _stays.c.room_id,
        room_leases.c.last_seq.label("head"),
        _read.label("read_seq"),
        _unread.label("unread"),
        unread_mentions(_stays.c.room_id, _person, _read, _stays, read_cursors).label("mentions"),
    )
    .join_from(_stays, room_leases, room_leases.c.room_id == _stays.c.room_id)
    .outerjoin(
        read_cursors,
        and_(read_cursors.c.room_id == _stays.c.room_id, read_cursors.c.user_id == _person),
    )
    .order_by(_stays.c.seen_at.desc(), _stays.c.room_id)
)


class RoomOf(msgspec.Struct, frozen=True, kw_only=True):
    """A room that somebody was in; ``read_seq`` is 0 if they have read nothing.

    ``unread`` counts what others have said since, among the newest ``UNREAD_LOOKED_AT`` messages;
    ``mentions`` how often they have called this person.
    """

    room_id: str
    head: int
    read_seq: int
    unread: int
    mentions: int


class PeopleIn(msgspec.Struct, frozen=True, kw_only=True):
    """Who is in a room: the first of their names, and how many they are, ``PEOPLE_COUNTED`` at most."""

    names: tuple[str, ...]
    count: int


class Sessions:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._devices = bulk(database, _DEVICES, _of_devices)
        upsert = sqlite_insert if database.is_sqlite else postgresql_insert
        put_read = upsert(read_cursors)
        put_read = put_read.on_conflict_do_update(
            index_elements=["room_id", "user_id"],
            set_={"seq": put_read.excluded.seq, "at": put_read.excluded.at},
            where=put_read.excluded.seq >= read_cursors.c.seq,  # nobody unreads
        )
        self.readers: dict[type[Question], Reader] = {
            SessionsOf: lambda room_id, asked: self.of_devices(room_id, asked.devices),
            ReadsOf: lambda room_id, asked: self.reads(room_id, asked.user_ids),
        }
        self.writers: dict[type[Record], Writer] = {
            SessionRecord: one_by_one(overwrite(upsert(sessions), sessions), _session_row),
            ReadRecord: one_by_one(put_read, msgspec.structs.asdict),
        }

    def at_wake(self, room_id: str) -> list[SessionRecord]:
        """Who was present when the room was last awake, and whether their nodes still live."""
        with self._database.reading() as connection:
            return [_session({**row}) for row in connection.execute(PRESENT, {"room": room_id}).mappings()]

    def of_devices(self, room_id: str, devices: Iterable[tuple[str, str]]) -> list[SessionRecord]:
        """The sessions of these (user_id, device), present or not."""
        asked = [(room_id, user_id, device) for user_id, device in devices]
        if not asked:
            return []
        with self._database.reading() as connection:
            rows = self._devices.execute(connection, asked)
        return [_session(dict(zip(_FIELDS, row, strict=True))) for row in rows]

    def reads(self, room_id: str, user_ids: Iterable[str]) -> dict[str, int]:
        asked = {"room": room_id, "readers": list(user_ids)}
        if not asked["readers"]:
            return {}
        with self._database.reading() as connection:
            return {row.user_id: row.seq for row in connection.execute(READS, asked)}

    def present_in(self, user_ids: Iterable[str]) -> list[tuple[str, str]]:
        """The (room id, user id) of all sessions of these people that have not ended."""
        with self._database.reading() as connection:
            rows = connection.execute(PRESENT_IN, {"users": list(user_ids)})
            return [(row.room_id, row.user_id) for row in rows]

    def people_in(self, room_id: str, *, named: int) -> PeopleIn:
        """As far as is stored: of a node that has died nobody is here any more."""
        with self._database.reading() as connection:
            rows = connection.execute(PEOPLE_IN, {"room": room_id, "named": named}).all()
        return PeopleIn(names=tuple(row.name for row in rows), count=rows[0].people if rows else 0)

    def rooms_with_survivors(self, node_id: str) -> list[str]:
        """The rooms that had people of this node, and have some of a living one."""
        with self._database.reading() as connection:
            return list(connection.scalars(WITH_SURVIVORS, {"dead": node_id}))

    def rooms_of(self, user_id: str, cutoff: int) -> list[RoomOf]:
        """The rooms that somebody was in, the one they came to last first."""
        with self._database.reading() as connection:
            rows = connection.execute(ROOMS_OF, {"user": user_id, "cutoff": cutoff}).mappings()
            return [RoomOf(**row) for row in rows]


def _session_row(record: SessionRecord) -> dict[str, Any]:
    return {name: getattr(record, name) for name in sessions.c.keys()}  # noqa: SIM118 - a ColumnCollection


def _session(row: Mapping[str, Any]) -> SessionRecord:
    # SQLite has numbers for truths.
    truths = {name: bool(row[name]) for name in ("is_present", "lingers", "node_is_live")}
    return SessionRecord(**{**row, **truths})
