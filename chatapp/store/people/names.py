"""Whose a name is in a room, by who spoke under one that looks like it.

Rows are written by the journal, under the room's fence. One that outlives its holder's messages counts
for nobody, and goes with the next alarm.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Text,
    and_,
    bindparam,
    delete,
    func,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.sql import ClauseElement, FromClause

from chatapp.rooms.aspect import Question
from chatapp.rooms.attendance.names import HoldersOf, NameGivenUp, NameHolder, NameRecord, WantedName
from chatapp.rooms.events import Record
from chatapp.store.database.bulk import Bulk, Columns, Row, bulk
from chatapp.store.database.engine import Database
from chatapp.store.models import LIVING, events, room_names
from chatapp.store.parts import Reader, Writer, one_by_one, overwrite

_ASKED: Columns = {"room": Text(), "person": Text(), "alike": Text()}
_ALIKE: Columns = {"room": Text(), "alike": Text()}
_PEOPLE: Columns = {"room": Text(), "person": Text(), "since": BigInteger()}

# Messages of one person, in the order of their client ids, which is by chance.
_LOOKED_AT: ColumnElement[int] = literal_column("1000")
_NONE_LEFT_OUT: ColumnElement[int] = literal_column("0")
_LIVING: ColumnElement[int] = literal_column(str(LIVING))
_MESSAGE: ColumnElement[str] = literal_column("'message'")
_EMPTY: ColumnElement[str] = literal_column("''")  # a statement over many rows has no parameters but theirs

_names = room_names.c
_columns = (_names.likeness, _names.user_id, _names.at)


def _alike(asked: FromClause) -> ClauseElement:
    return select(*_columns).join_from(
        asked, room_names, and_(_names.room_id == asked.c.room, _names.likeness == asked.c.alike)
    )


def _alike_or_own(asked: FromClause) -> ClauseElement:
    """The holders of what is asked for, and all that the asker holds."""
    alike = select(*_columns).join_from(
        asked, room_names, and_(_names.room_id == asked.c.room, _names.likeness == asked.c.alike)
    )
    own = select(*_columns).join_from(
        asked, room_names, and_(_names.room_id == asked.c.room, _names.user_id == asked.c.person)
    )
    return union_all(alike, own)


def _newest(asked: FromClause) -> ClauseElement:
    """When these people wrote last, about: of who wrote much not all is looked at. None: nothing is left."""
    here, wanted = events.c, asked.c
    left = (
        select(here.ts)
        .where(
            here.room_id == wanted.room,
            here.user_id == wanted.person,
            here.client_id >= _EMPTY,  # says which index: SQLite would look through the log of the room
            here.ts > wanted.since,
            here.type == _MESSAGE,
            here.gone == _LIVING,
        )
        .limit(_LOOKED_AT)
        .offset(_NONE_LEFT_OUT)
        .correlate(asked)
        .subquery("left_of_them")
    )
    return select(wanted.person, select(func.max(left.c.ts)).scalar_subquery())


_GIVE_UP = delete(room_names).where(
    *(column == bindparam(f"of_{column.name}") for column in room_names.primary_key)
)


class RoomNames:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._alike_or_own = bulk(database, _ASKED, _alike_or_own)
        self._alike = bulk(database, _ALIKE, _alike)
        self._newest = bulk(database, _PEOPLE, _newest)
        upsert = sqlite_insert if database.is_sqlite else postgresql_insert
        self.readers: dict[type[Question], Reader] = {HoldersOf: self.holders}
        self.writers: dict[type[Record], Writer] = {
            NameGivenUp: one_by_one(_GIVE_UP, _given_up_row),
            NameRecord: one_by_one(overwrite(upsert(room_names), room_names), msgspec.structs.asdict),
        }

    def holders(self, room_id: str, question: HoldersOf) -> list[NameHolder]:
        """Mostly one statement: what is offered is looked up only where a name is somebody else's."""
        asked = [(room_id, w.user_id, likeness) for w in question.wanted for likeness in w.likenesses]
        if not asked:
            return []
        rows = set(self._run(self._alike_or_own, asked))
        taken = [wanted for wanted in question.wanted if _is_of_another(wanted, rows)]
        offered = sorted({(room_id, likeness) for wanted in taken for likeness in wanted.offered()})
        rows |= set(self._run(self._alike, _one_list(offered)))
        people = {(room_id, user_id, question.cutoff) for _, user_id, _ in rows}
        newest: dict[str, int] = dict(self._run(self._newest, sorted(people))) if taken else {}
        return [
            NameHolder(likeness=likeness, user_id=user_id, at=at, wrote_at=newest.get(user_id))
            for likeness, user_id, at in rows
        ]

    def _run(self, statement: Bulk, rows: Sequence[Row]) -> Sequence[Row]:
        if not rows:
            return ()
        with self._database.reading() as connection:
            return statement.execute(connection, rows)


def _is_of_another(wanted: WantedName, rows: set[Row]) -> bool:
    asker = wanted.user_id
    return any(likeness in wanted.likenesses and user_id != asker for likeness, user_id, _ in rows)


def _given_up_row(record: NameGivenUp) -> dict[str, Any]:
    return {f"of_{name}": value for name, value in msgspec.structs.asdict(record).items()}


def _one_list(rows: list[Row]) -> list[Row]:
    """So many that SQLite takes them in one statement; one that is asked for twice is found once."""
    return rows + rows[-1:] * ((1 << (len(rows) - 1).bit_length()) - len(rows)) if rows else rows
