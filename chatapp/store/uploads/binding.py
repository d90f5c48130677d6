"""How files come to a message, and go from it: in the transaction that stores what the room has decided.

Nobody but its room binds a file, but others change what the room has read of it: it expires, and whoever
uploaded it may give it up. So the statement that binds looks once more, and where it finds less than the room
relied on, nothing of that room's write is stored: the room decides anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import Any

import msgspec
from msgspec import UNSET
from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Connection,
    Text,
    bindparam,
    literal_column,
    select,
    update,
)
from sqlalchemy.sql import ClauseElement, FromClause

from chatapp.rooms.aspect import Question
from chatapp.rooms.events import Record
from chatapp.rooms.messages.uploads import Readiness, Sendable, Upload, UploadsBound, UploadsFor, UploadsKept
from chatapp.store.database.bulk import Columns, bulk
from chatapp.store.database.engine import Database
from chatapp.store.models import GONE, READY, REFUSED, uploads
from chatapp.store.parts import NoLongerSo, Reader, Writer

_of = uploads.c
_room: BindParameter[str] = bindparam("room")
_ids: BindParameter[Sequence[str]] = bindparam("ids", expanding=True)

_BINDING: Columns = {
    "room": Text(),
    "upload": Text(),
    "person": Text(),
    "place": BigInteger(),
    "said_at": BigInteger(),
}
_READY: ColumnElement[int] = literal_column(str(READY))


def _bind(asked: FromClause) -> ClauseElement:
    """Returns the room of each that could be bound."""
    wanted = asked.c
    return (
        update(uploads)
        .where(
            _of.upload_id == wanted.upload,
            _of.room_id == wanted.room,
            _of.user_id == wanted.person,
            _of.state == _READY,
            _of.message_seq.is_(None),
        )
        .values(message_seq=wanted.place, message_ts=wanted.said_at)
        .returning(_of.room_id)
    )


ASKED = select(_of.upload_id, _of.user_id, _of.state, _of.size, _of.type, _of.words, _of.message_seq).where(
    _of.upload_id.in_(_ids), _of.room_id == _room, _of.state < GONE
)
LET_GO = (
    update(uploads)
    .where(
        _of.room_id == _room,
        _of.message_seq == bindparam("message"),
        _of.state < GONE,
        _of.upload_id.not_in(_ids),
    )
    .values(state=GONE, gone_at=bindparam("at"))
)


class UploadBinding:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._bound = bulk(database, _BINDING, _bind)
        self.readers: dict[type[Question], Reader] = {UploadsFor: self.sendable}
        self.writers: dict[type[Record], Writer] = {UploadsBound: self._write, UploadsKept: self._write}

    def sendable(self, room_id: str, question: UploadsFor) -> dict[str, Sendable]:
        asked = {"room": room_id, "ids": list(question.ids)}
        with self._database.reading() as connection:
            return {row.upload_id: _sendable(row) for row in connection.execute(ASKED, asked)}

    def _write(self, connection: Connection, records: Sequence[Any]) -> None:
        for kind, alike in groupby(records, type):
            if kind is UploadsBound:
                self._bind(connection, list(alike))
            else:
                for record in alike:  # one by one: how many ids stay differs, and the statement with it
                    connection.execute(LET_GO, _stay(record))

    def _bind(self, connection: Connection, messages: Sequence[UploadsBound]) -> None:
        asked = [(m.room_id, id_, m.user_id, m.seq, m.ts) for m in messages for id_ in m.ids]
        bound = Counter(room_id for (room_id,) in self._bound.execute(connection, asked))
        wanted = Counter(room_id for room_id, *_ in asked)
        if lacking := wanted - bound:
            raise NoLongerSo(frozenset(lacking))


def told_upload(upload_id: str, type: str, size: int, words: dict[str, Any]) -> Upload:
    """What is told of a file, given its columns."""
    thumbs = sorted(map(int, words.get("thumbs", ())))
    return Upload(
        id=upload_id,
        name=words["name"],
        type=type,
        size=size,
        width=words.get("width", UNSET),
        height=words.get("height", UNSET),
        placeholder=words.get("placeholder", UNSET),
        thumbs=thumbs or UNSET,
        animated=words.get("animated", False),
        alt=words.get("alt") or UNSET,
    )


def _sendable(row: Any) -> Sendable:
    words = msgspec.json.decode(row.words, type=dict[str, Any])
    readiness = {READY: Readiness.READY, REFUSED: Readiness.REFUSED}.get(row.state, Readiness.WAITING)
    return Sendable(
        user_id=row.user_id,
        readiness=readiness,
        is_bound=row.message_seq is not None,
        upload=told_upload(row.upload_id, row.type, row.size, words),
        why=words.get("why", ""),
    )


def _stay(record: UploadsKept) -> dict[str, Any]:
    return {"room": record.room_id, "message": record.seq, "at": record.at, "ids": list(record.ids)}
