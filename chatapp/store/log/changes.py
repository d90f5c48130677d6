"""What becomes of messages: their edits, deletions and reactions, written behind the events of a commit.

Each is guarded by the message's id and by its being there still, in the statement itself: one that has gone
stays gone, whatever a room decided from its memory a moment before. One message may be posted, edited,
reacted to and deleted in one batch, so everything is stored in the order in which the room said it; only of
several edits in a row no more than the last is ever written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    LargeBinary,
    SmallInteger,
    Text,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal_column,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.sql import ClauseElement, FromClause

from chatapp.rooms.aspect import Question
from chatapp.rooms.events import Record
from chatapp.rooms.messages import bodies
from chatapp.rooms.messages.changes import MessageChanged, ReactionSet
from chatapp.rooms.messages.known_targets import target_of
from chatapp.rooms.messages.targets import ReactionsOf, ReactionsOn, Target, Targets
from chatapp.store.database.bulk import Columns, Row, bulk
from chatapp.store.database.engine import Database
from chatapp.store.log.reactions import ReactionTable, counts_of
from chatapp.store.log.texts import Reworded, Ring, packed
from chatapp.store.log.told import events_at
from chatapp.store.models import DELETED, LIVING, events, reactions
from chatapp.store.parts import Reader, Writer

_GUARD: Columns = {
    "room": Text(),
    "place": BigInteger(),
    "name": Text(),
    "cutoff": BigInteger(),
    "change": BigInteger(),
}
_NEW_WORDS: Columns = {**_GUARD, "state": SmallInteger(), "no_hash": LargeBinary()}
_NEW_COUNTS: Columns = {**_GUARD, "counted": Text()}
_LIVING: ColumnElement[int] = literal_column(str(LIVING))
_DELETED: ColumnElement[int] = literal_column(str(DELETED))


def _touch(asked: FromClause) -> Any:
    """Of those that are still there; what is touched says by which change."""
    here, wanted = events.c, asked.c
    return (
        update(events)
        .where(
            here.room_id == wanted.room,
            here.seq == wanted.place,
            here.id == wanted.name,
            here.gone == _LIVING,
            here.ts > wanted.cutoff,
        )
        .values(rev=wanted.change)
    )


def _touch_with_counts(asked: FromClause) -> ClauseElement:
    touch = _touch(asked).values(counts=asked.c.counted, counts_rev=asked.c.change)
    return touch  # type: ignore[no-any-return]


def _take_words(asked: FromClause) -> ClauseElement:
    """All but the words themselves. Returns where the old ones are."""
    here, wanted = events.c, asked.c
    answers = case((wanted.state == _DELETED, null()), else_=here.target)
    counts = case((wanted.state == _DELETED, null()), else_=here.counts)
    # What nothing has changed, nobody has reacted to.
    is_counted = or_(wanted.state == _DELETED, here.rev.is_(None), here.counts_rev == here.rev)
    return (  # type: ignore[no-any-return]
        _touch(asked)
        .values(gone=wanted.state, content_hash=wanted.no_hash, target=answers)
        .values(counts=counts, counts_rev=case((is_counted, wanted.change)))
        .returning(here.room_id, here.seq, here.id, here.period, here.text_id, here.ts)
    )


def _is_there() -> tuple[ColumnElement[bool], ...]:
    return (
        events.c.room_id == bindparam("room"),
        events.c.seq == bindparam("message"),
        events.c.id == bindparam("name"),
        events.c.gone == LIVING,
        events.c.ts > bindparam("cutoff"),
    )


_set = reactions.c
_same_emoji = (
    _set.room_id == bindparam("room"),
    _set.target == bindparam("message"),
    _set.emoji == bindparam("sign"),
)
# The emoji keeps its place, whoever takes theirs back.
_since = func.coalesce(
    select(func.min(_set.seq)).where(*_same_emoji).scalar_subquery(), bindparam("change", type_=BigInteger())
)
_NEW_ROW = select(
    events.c.room_id,
    events.c.seq,
    bindparam("sign", type_=Text()),
    bindparam("person", type_=Text()),
    literal_column("''"),
    _since,
    events.c.ts,
    bindparam("change", type_=BigInteger()),
).where(*_is_there())
TAKE_BACK = delete(reactions).where(
    *_same_emoji, _set.user_id == bindparam("person"), exists().where(*_is_there())
)
FORGET_REACTIONS = delete(reactions).where(
    _set.room_id == bindparam("room"), _set.target == bindparam("message")
)


class Changes:
    def __init__(self, database: Database, ring: Ring, reactions_read: ReactionTable) -> None:
        self._database = database
        self._ring = ring
        self._touched = bulk(database, _NEW_COUNTS, _touch_with_counts)
        self._without_words = bulk(database, _NEW_WORDS, _take_words)
        insert = sqlite_insert if database.is_sqlite else postgresql_insert
        columns = [column.name for column in reactions.c]
        self._react = insert(reactions).from_select(columns, _NEW_ROW).on_conflict_do_nothing()
        self.readers: dict[type[Question], Reader] = {
            Targets: self.targets,
            ReactionsOn: reactions_read.on,
            ReactionsOf: reactions_read.behind,
        }
        self.writers: dict[type[Record], Writer] = {MessageChanged: self._write, ReactionSet: self._write}

    def targets(self, room_id: str, question: Targets) -> dict[int, Target]:
        if not question.seqs:
            return {}
        with self._database.reading() as connection:
            found = events_at(connection, room_id, question.seqs, question.cutoff)
        return {event.seq: target for event in found if (target := target_of(event)) is not None}

    def _write(self, connection: Connection, records: Sequence[Any]) -> None:
        for kind, alike in groupby(records, _kind):
            if kind is MessageChanged:
                self._reword(connection, _last_of_each(alike))
            else:
                self._set(connection, list(alike), is_on=kind is _ON)

    def _reword(self, connection: Connection, changes: dict[tuple[str, int, str], MessageChanged]) -> None:
        asked = [
            (*key, c.cutoff, c.rev, DELETED if c.is_deleted else LIVING, b"") for key, c in changes.items()
        ]
        held = self._without_words.execute(connection, asked)
        reworded, deleted = [], []
        for room_id, seq, id_, period, text_id, ts in held:
            change = changes[room_id, seq, id_]
            words = packed(change.user_name, change.body)
            reworded.append(Reworded(room_id, seq, period, text_id, ts, words))
            if change.is_deleted:
                deleted.append({"room": room_id, "message": seq})
        self._ring.reword(connection, reworded)
        if deleted:
            connection.execute(FORGET_REACTIONS, deleted)

    def _set(self, connection: Connection, sets: Sequence[ReactionSet], *, is_on: bool) -> None:
        """One by one: of those who set an emoji in one batch the first says since when it is there."""
        connection.execute(self._react if is_on else TAKE_BACK, [_reaction_row(one) for one in sets])
        touched = {(one.room_id, one.target, one.target_id): one for one in sets}
        asked: list[Row] = []
        for room_id, of_room in groupby(touched, itemgetter(0)):
            keys = list(of_room)
            counts = counts_of(connection, room_id, [seq for _, seq, _ in keys])
            for key in keys:
                counted = bodies.counted(counts[key[1]])
                one = touched[key]
                asked.append((*key, one.cutoff, one.seq, None if counted is None else counted.decode()))
        self._touched.execute(connection, asked)


_ON, _OFF = "on", "off"


def _kind(record: MessageChanged | ReactionSet) -> object:
    """What can be written together."""
    if isinstance(record, ReactionSet):
        return _ON if record.on else _OFF
    return MessageChanged


def _last_of_each(changes: Iterable[MessageChanged]) -> dict[tuple[str, int, str], MessageChanged]:
    """Behind a deletion comes nothing."""
    last: dict[tuple[str, int, str], MessageChanged] = {}
    for change in changes:
        key = (change.room_id, change.seq, change.id)
        if key not in last or not last[key].is_deleted:
            last[key] = change
    return last


def _reaction_row(one: ReactionSet) -> dict[str, Any]:
    return {
        "room": one.room_id,
        "message": one.target,
        "name": one.target_id,
        "cutoff": one.cutoff,
        "sign": one.emoji,
        "person": one.user_id,
        "change": one.seq,
    }
