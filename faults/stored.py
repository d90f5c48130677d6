"""What is stored of the rooms of a run, read into its history."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import msgspec
from sqlalchemy import Column, Select, bindparam, select

from chatapp.client.wire import Json
from chatapp.store.database.engine import open_database
from chatapp.store.log.texts import WORDS, unpacked
from chatapp.store.models import GONE, events, mentions, reactions, room_leases, uploads
from faults.history import MESSAGE, History, Place, Row, State
from faults.states import state_of


def _of_rooms(room: Column[Any], *columns: Any) -> Select[Any]:
    return select(room, *columns).where(room.in_(bindparam("rooms", expanding=True)))


_log, _of = events.c, uploads.c
_STORED = _of_rooms(
    _log.room_id, *(_log.user_id, _log.client_id, _log.seq, _log.epoch, _log.type, _log.target, WORDS)
)
_LEASES = _of_rooms(room_leases.c.room_id, room_leases.c.last_seq)
_REACTIONS = _of_rooms(reactions.c.room_id, reactions.c.target, reactions.c.emoji, reactions.c.user_id)
_MENTIONS = _of_rooms(mentions.c.room_id, mentions.c.user_id, mentions.c.seq, mentions.c.target)
_BOUND = _of_rooms(_of.room_id, _of.message_seq, _of.upload_id).where(
    _of.message_seq.is_not(None), _of.state != GONE
)


def read_stored(history: History, url: str, rooms: list[str]) -> None:
    database, asked = open_database(url), {"rooms": rooms}
    try:
        with database.reading() as connection:
            stored = connection.execute(_STORED, asked).all()
            leases = connection.execute(_LEASES, asked).all()
            history.reactions = {(*each,) for each in connection.execute(_REACTIONS, asked)}
            history.mentions = {(*each,) for each in connection.execute(_MENTIONS, asked)}
            history.bound = {(*each,) for each in connection.execute(_BOUND, asked)}
    finally:
        database.close()
    history.rows = [_row(each) for each in stored]
    history.last_seqs = {lease.room_id: lease.last_seq for lease in leases}
    counts: defaultdict[Place, Counter[str]] = defaultdict(Counter)
    for room, target, emoji, _ in history.reactions:
        counts[room, target][emoji] += 1
    history.states = {
        (each.room_id, each.seq): _state(each.words, counts[each.room_id, each.seq])
        for each in stored
        if each.type == MESSAGE
    }


def _row(stored: Any) -> Row:
    return Row(
        key=(stored.room_id, stored.user_id, stored.client_id),
        seq=stored.seq,
        epoch=stored.epoch,
        content=_content(stored.words) or "",
        kind=stored.type,
        target=stored.target or 0,
    )


def _content(words: object) -> str | None:
    """None where there are no words: nobody can have said that, or they were deleted."""
    body = _body(words)
    content: str | None = None if "deleted" in body else body.get("content")
    return content


def _state(words: object, counts: Counter[str]) -> State:
    return msgspec.structs.replace(state_of(_body(words)), reactions=dict(counts))


def _body(words: object) -> Json:
    """What is stored of it; a row without words is as good as one that was deleted."""
    if not isinstance(words, str):
        return {"deleted": {}}
    body: Json = msgspec.json.decode(unpacked(words)[1])
    return body
