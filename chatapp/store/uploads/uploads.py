"""Uploads: the files of rooms, from before their first byte on.

A row says whose a file is, how much of it has come and where its bytes lie. Its bytes come in parts, each
of which is stored before the row says so. The row moves on by compare-and-swap on what was received before:
of two who bring the same piece one wins, and who was broken off goes on from what the row says.
"""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import BindParameter, Row, bindparam, delete, func, select, update

from chatapp.store import traces
from chatapp.store.database.engine import Database, now_ms
from chatapp.store.models import GONE, LOOKING, READY, RECEIVING, REFUSED, uploads

__all__ = ["GONE", "LOOKING", "READY", "RECEIVING", "REFUSED", "StoredUpload", "UploadPart", "Uploads"]

_of = uploads.c
_upload: BindParameter[str] = bindparam("upload")

GET = select(uploads).where(_of.upload_id == _upload)
MOVE_ON = (
    update(uploads)
    .where(_of.upload_id == _upload, _of.received == bindparam("before"), _of.state == RECEIVING)
    .values(received=bindparam("now_received"), parts=bindparam("now_parts"), touched_at=now_ms())
)
# By itself: SQLite writes each index anew of which it is told a column, also where that stays as it was.
BECOME = MOVE_ON.values(type=bindparam("now_type"), state=bindparam("now_state"))
GIVE_UP = (
    update(uploads)
    .where(_of.upload_id == _upload, _of.state < GONE, _of.message_seq.is_(None))
    .values(state=GONE, gone_at=now_ms())
)
REMOVE = delete(uploads).where(_of.upload_id == _upload, _of.state == GONE)
BY_STATE = select(_of.state, func.count(), func.sum(_of.size)).group_by(_of.state)


class UploadPart(msgspec.Struct, frozen=True, array_like=True):
    """An object that holds some of a file's bytes."""

    name: str
    size: int  # bytes


class StoredUpload(msgspec.Struct, frozen=True, kw_only=True):
    """A row as it is; times in ms, sizes in bytes. ``words`` is what is told of it, as JSON's object."""

    upload_id: str
    room_id: str
    user_id: str
    state: int
    created_at: int
    touched_at: int
    size: int
    received: int
    parts: tuple[UploadPart, ...]
    type: str
    words: dict[str, Any]
    address: str
    message_seq: int | None = None
    message_ts: int | None = None
    claimed_until: int | None = None
    tries: int = 0
    gone_at: int | None = None

    @property
    def announced(self) -> int:
        """What was to come. ``size`` is that too, until a look has made the picture anew; what came stays."""
        return self.size if self.state == RECEIVING else self.received

    @property
    def is_whole(self) -> bool:
        return self.received == self.size or self.state != RECEIVING


def stored_upload(row: Row[Any]) -> StoredUpload:
    """Of a row with all columns."""
    columns = dict(row._mapping)
    parts = msgspec.json.decode(columns.pop("parts"), type=tuple[UploadPart, ...])
    words = msgspec.json.decode(columns.pop("words"), type=dict[str, Any])
    return StoredUpload(parts=parts, words=words, **columns)


def as_text(value: Any) -> str:
    """How parts and words stand in their columns."""
    return msgspec.json.encode(value).decode()


class Uploads:
    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, upload_id: str) -> StoredUpload | None:
        """The row as it is, whoever asks; whose it is and whether it is over is for the caller to see."""
        with self._database.reading() as connection:
            row = connection.execute(GET, {"upload": upload_id}).one_or_none()
        return None if row is None else stored_upload(row)

    def append(
        self, upload: StoredUpload, *more: UploadPart, state: int = RECEIVING, type: str | None = None
    ) -> StoredUpload | None:
        """Say that parts, which are stored, come behind what ``upload`` has; ``state`` with its last one.

        None: meanwhile somebody else has moved it on, or it is gone; then nobody knows the parts.
        """
        parts = (*upload.parts, *more)
        received, type = upload.received + sum(part.size for part in more), type or upload.type
        asked = {
            "upload": upload.upload_id,
            "before": upload.received,
            "now_received": received,
            "now_parts": as_text(parts),
        }
        statement = MOVE_ON
        if (type, state) != (upload.type, upload.state):
            statement, asked = BECOME, {**asked, "now_type": type, "now_state": state}
        with self._database.writing() as connection:
            if not connection.execute(statement, asked).rowcount:
                return None
        return msgspec.structs.replace(upload, received=received, parts=parts, type=type, state=state)

    def give_up(self, upload_id: str) -> bool:
        """Its person wants it no more: it is to be removed. False: it is gone, or a message has it."""
        with self._database.lasting(), self._database.writing() as connection:
            return connection.execute(GIVE_UP, {"upload": upload_id}).rowcount == 1

    def remove(self, upload_id: str) -> None:
        """Of what is gone, and of which no byte is left, the row."""
        with self._database.writing() as connection:
            if connection.execute(REMOVE, {"upload": upload_id}).rowcount:
                traces.note(connection, uploads)

    def by_state(self) -> dict[int, tuple[int, int]]:
        """How many there are in each state that has any, and of how many bytes."""
        with self._database.reading() as connection:
            return {state: (count, int(size)) for state, count, size in connection.execute(BY_STATE)}
