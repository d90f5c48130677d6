"""Mentions: who is called by which message.

A row a person and event that called them, in the order in which they are counted: behind somebody's read
cursor. A row holds ids only; whether its message is still there is asked of the message itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Text,
    and_,
    bindparam,
    delete,
    func,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.sql import ClauseElement, FromClause

from chatapp.rooms.aspect import Question
from chatapp.rooms.attendance.likeness import digests
from chatapp.rooms.events import Record
from chatapp.rooms.messages.mentions import EVERYBODY, Called, CalledAs, MentionsSet, are_alike
from chatapp.store.database.bulk import Columns, bulk
from chatapp.store.database.engine import Database
from chatapp.store.models import LIVING, events, mentions, read_cursors, room_names, sessions
from chatapp.store.parts import Reader, Writer

COUNTED = 100
"""Mentions are counted among this many of the newest: somebody may be called by a thousand."""

_row = mentions.c
_PEOPLE: Columns = {"room": Text(), "person": Text(), "cutoff": BigInteger()}


def unread_mentions(
    room: ColumnElement[str], person: ColumnElement[str], read: ColumnElement[int], *correlated: FromClause
) -> ColumnElement[int]:
    """How often this person is called in this room behind ``read``, as a column of a statement.

    The statement has a parameter ``cutoff``; ``correlated`` are the tables that the three are of.
    """
    newest = (
        select(_row.target, _row.ts)
        .where(_row.room_id == room, _row.user_id.in_([person, literal_column(f"'{EVERYBODY}'")]))
        .where(_row.seq > read)
        .order_by(_row.seq.desc())
        .limit(COUNTED)
        .correlate(*correlated)
        .subquery("newest_mentions")
    )
    message = and_(events.c.room_id == room, events.c.seq == newest.c.target)
    return (
        select(func.count())
        .select_from(newest.join(events, message))
        .where(newest.c.ts > bindparam("cutoff"), events.c.gone == LIVING, events.c.user_id != person)
        .correlate(*correlated)
        .scalar_subquery()
    )


_asked_room, _asked_user = bindparam("room", type_=Text()), bindparam("user", type_=Text())
_read = func.coalesce(
    select(read_cursors.c.seq)
    .where(read_cursors.c.room_id == _asked_room, read_cursors.c.user_id == _asked_user)
    .scalar_subquery(),
    0,
)
UNREAD_IN = select(unread_mentions(_asked_room, _asked_user, _read))

FORGET = delete(mentions).where(
    _row.room_id == bindparam("room"),
    _row.user_id == bindparam("person"),
    _row.seq == bindparam("place"),
    _row.target == bindparam("message"),
)


def _known_as(asked: FromClause) -> ClauseElement:
    """The names by which these people were here, and the digests of those under which they have spoken."""
    here, spoken, wanted = sessions.c, room_names.c, asked.c
    was_here = and_(
        here.room_id == wanted.room,
        here.user_id == wanted.person,
        or_(here.is_present, here.seen_at > wanted.cutoff),
    )
    has_spoken = and_(spoken.room_id == wanted.room, spoken.user_id == wanted.person)
    return union_all(
        select(here.user_id, here.name, literal_column("1")).join_from(asked, sessions, was_here),
        select(spoken.user_id, spoken.likeness, literal_column("0")).join_from(asked, room_names, has_spoken),
    )


class MentionTable:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._known_as = bulk(database, _PEOPLE, _known_as)
        insert = sqlite_insert if database.is_sqlite else postgresql_insert
        self._put = insert(mentions).on_conflict_do_nothing()
        self.readers: dict[type[Question], Reader] = {CalledAs: self.called_as}
        self.writers: dict[type[Record], Writer] = {MentionsSet: self._write}

    def called_as(self, room_id: str, question: CalledAs) -> set[Called]:
        people = sorted({(room_id, user_id, question.cutoff) for user_id, _ in question.people})
        if not people:
            return set()
        with self._database.reading() as connection:
            rows = self._known_as.execute(connection, people)
        names: dict[str, list[str]] = {}
        likenesses: dict[str, set[str]] = {}
        for user_id, known_as, is_name in rows:
            if is_name:
                names.setdefault(user_id, []).append(known_as)
            else:
                likenesses.setdefault(user_id, set()).add(known_as)
        return {
            (user_id, name)
            for user_id, name in question.people
            if any(are_alike(room_id, one, name) for one in names.get(user_id, ()))
            or not likenesses.get(user_id, set()).isdisjoint(digests(room_id, name))
        }

    def unread(self, room_id: str, user_id: str, cutoff: int) -> int:
        """How often somebody is called behind what they have read, among the newest ``COUNTED``."""
        asked = {"room": room_id, "user": user_id, "cutoff": cutoff}
        with self._database.reading() as connection:
            return int(connection.execute(UNREAD_IN, asked).scalar_one())

    def _write(self, connection: Connection, records: Sequence[MentionsSet]) -> None:
        """One by one: one message may be said, edited and deleted in one batch."""
        for record in records:
            if record.no_longer:
                connection.execute(FORGET, [_key(record, *called) for called in record.no_longer])
            if record.called:
                connection.execute(self._put, [_values(record, *called) for called in record.called])


def _key(record: MentionsSet, user_id: str, seq: int) -> Mapping[str, Any]:
    return {"room": record.room_id, "person": user_id, "place": seq, "message": record.target}


def _values(record: MentionsSet, user_id: str, seq: int) -> Mapping[str, Any]:
    return {
        "room_id": record.room_id,
        "user_id": user_id,
        "seq": seq,
        "target": record.target,
        "ts": record.ts,
    }
