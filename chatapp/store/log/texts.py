"""The ring of texts: where the words of messages stand, and nowhere else, so that they can go.

A row that is deleted from a tree leaves its bytes behind: keeping the tree in balance copies rows
to other pages, and the old copies lie in gaps that nothing overwrites. So words stand in eight
tables to which rows are only ever appended, which copies nothing. Time is cut into periods; each
period writes to the next table, and by the time a table's turn comes again all that is in it has
expired. Here texts are written and read; how they go is ``chatapp.store.forgetting.forgetting``.

Other words for a message are appended as well, to the table that has its old ones, and expire with it.
The old ones are overwritten where they stand: on SQLite by as many zeros; on PostgreSQL, which
overwrites nothing, by none, and from before all time, so that the next alarm writes the table anew.

Nothing hangs on the right table being met: an event's row says in which table its words are, and a
text's row when it was said. So clocks and retentions may change.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby
from typing import NamedTuple, Protocol

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    case,
    cast,
    func,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy.sql import ClauseElement, FromClause

from chatapp.rooms.events import RoomEvent
from chatapp.store.database.bulk import Columns, Row, bulk
from chatapp.store.database.engine import Database
from chatapp.store.models import events, texts, texts_n

PERIODS = len(texts)
SHORTEST_PERIOD_MS = 3_600_000  # from one alarm to the next: each table is met while all in it has expired
PERIODS_OF_A_RETENTION = 6  # one of the others is written to, and one is being emptied

Said = tuple[RoomEvent, int]  # with the epoch of its room

_EVENT: Columns = {
    "room_id": Text(),
    "seq": BigInteger(),
    "type": Text(),
    "id": Text(),
    "user_id": Text(),
    "client_id": Text(),
    "ts": BigInteger(),
    "epoch": BigInteger(),
    "content_hash": LargeBinary(),
    "target": BigInteger(),
}
_STORED: Columns = {**_EVENT, "period": SmallInteger(), "text_id": BigInteger()}
_WHOLE: Columns = {**_EVENT, "words": Text()}
_COUNTED: Columns = {**_EVENT, "period": SmallInteger(), "before_last": BigInteger()}
_TEXT: Columns = {"ts": BigInteger(), "words": Text()}
_PLACE: Columns = {"room": Text(), "place": BigInteger()}
_MOVED: Columns = {**_PLACE, "before_last": BigInteger()}
_BLANKED: Columns = {"old": BigInteger()}
_REWORDED: Columns = {**_PLACE, **_BLANKED, **_TEXT}

WORDS: ColumnElement[str | None] = case(
    *(
        (
            events.c.period == literal_column(str(period)),
            select(table.c.words).where(table.c.n == events.c.text_id).scalar_subquery(),
        )
        for period, table in enumerate(texts)
    )
).label("words")
"""The words of an event, as a column of a statement that selects from ``events``."""


def period_of(ts: int, retention_ms: int) -> int:
    """Which table is written to at this moment."""
    period_ms = max(retention_ms // PERIODS_OF_A_RETENTION, SHORTEST_PERIOD_MS)
    return ts // period_ms % PERIODS


def packed(name: str, body: bytes) -> str:
    """In one column, because each costs a search of its own. JSON has no line breaks outside of escapes."""
    return f"{name}\n{body.decode()}"


def unpacked(words: str) -> tuple[str, bytes]:
    """The author's name, and the body."""
    name, _, body = words.rpartition("\n")
    return name, body.encode()


class Reworded(NamedTuple):
    """Other words for the event ``seq``, whose old ones are ``text_id`` of the table of ``period``."""

    room_id: str
    seq: int
    period: int
    text_id: int
    ts: int
    words: str


class Ring(Protocol):
    """Where events are appended with their words."""

    def append(self, connection: Connection, rows: Sequence[Said]) -> None:
        """Events with their epochs, in the transaction at hand. Raises the driver's errors."""
        ...

    def reword(self, connection: Connection, rows: Sequence[Reworded]) -> None:
        """Events that are stored already, each once, in the transaction at hand."""
        ...


def ring(database: Database, retention_ms: int) -> Ring:
    kind = _CountingRing if database.is_sqlite else _NumberingRing
    return kind(database, retention_ms)


class _CountingRing:
    """For a database with one writer at a time, who counts: each text has one more than the last."""

    def __init__(self, database: Database, retention_ms: int) -> None:
        self._retention_ms = retention_ms
        self._into_events = bulk(database, _COUNTED, _insert_counted)
        self._into_texts = [bulk(database, _TEXT, partial(_insert_text, table)) for table in texts]
        self._moved = bulk(database, _MOVED, _move_counted)
        self._blanked = [bulk(database, _BLANKED, partial(_zero, table)) for table in texts]

    def append(self, connection: Connection, rows: Sequence[Said]) -> None:
        if not rows:
            return
        period = _period(rows, self._retention_ms)
        self._into_texts[period].execute(
            connection, [(event.ts, packed(event.user_name, event.body)) for event, _ in rows]
        )
        last = len(rows) - 1
        counted = [(*_event(*row), period, last - place) for place, row in enumerate(rows)]
        self._into_events.execute(connection, counted)

    def reword(self, connection: Connection, rows: Sequence[Reworded]) -> None:
        for period, of_one in _by_period(rows):
            self._into_texts[period].execute(connection, [(row.ts, row.words) for row in of_one])
            last = len(of_one) - 1
            counted = [(row.room_id, row.seq, last - place) for place, row in enumerate(of_one)]
            self._moved.execute(connection, counted)
            self._blanked[period].execute(connection, [(row.text_id,) for row in of_one])


class _NumberingRing:
    """For a database with many writers: it numbers the texts itself, and takes both in one journey."""

    def __init__(self, database: Database, retention_ms: int) -> None:
        self._retention_ms = retention_ms
        self._into_both = [bulk(database, _WHOLE, partial(_insert_both, period)) for period in range(PERIODS)]
        self._reworded = [bulk(database, _REWORDED, partial(_reword, table)) for table in texts]

    def append(self, connection: Connection, rows: Sequence[Said]) -> None:
        if rows:
            period = _period(rows, self._retention_ms)
            self._into_both[period].execute(connection, [_whole(*row) for row in rows])

    def reword(self, connection: Connection, rows: Sequence[Reworded]) -> None:
        for period, of_one in _by_period(rows):
            asked = [(row.room_id, row.seq, row.text_id, row.ts, row.words) for row in of_one]
            self._reworded[period].execute(connection, asked)


def _insert_text(table: Table, asked: FromClause) -> ClauseElement:
    return insert(table).from_select([*_TEXT], select(*asked.c))


def _insert_counted(asked: FromClause) -> ClauseElement:
    """``before_last``: how many of the texts just stored come behind this one. Events do not count."""
    *event, before_last = asked.c
    return insert(events).from_select([*_STORED], select(*event, func.last_insert_rowid() - before_last))


def _insert_both(period: int, asked: FromClause) -> ClauseElement:
    numbered = select(*asked.c, texts_n.next_value().label("n")).cte("numbered")
    text = [numbered.c[name] for name in ("n", *_TEXT)]
    into_texts = insert(texts[period]).from_select(["n", *_TEXT], select(*text))
    event = [numbered.c[name] for name in _EVENT]
    return (
        insert(events)
        .from_select([*_STORED], select(*event, literal_column(str(period)), numbered.c.n))
        .add_cte(into_texts.cte("texts"))
    )


def _move_counted(asked: FromClause) -> ClauseElement:
    return (
        update(events)
        .where(events.c.room_id == asked.c.room, events.c.seq == asked.c.place)
        .values(text_id=func.last_insert_rowid() - asked.c.before_last)
    )


def _zero(table: Table, asked: FromClause) -> ClauseElement:
    """As long as before: nothing moves, so nothing leaves a copy."""
    zeros = func.zeroblob(func.length(cast(table.c.words, LargeBinary)))
    return update(table).where(table.c.n == asked.c.old).values(words=zeros)


def _reword(table: Table, asked: FromClause) -> ClauseElement:
    numbered = select(*asked.c, texts_n.next_value().label("n")).cte("numbered")
    text = [numbered.c[name] for name in ("n", *_TEXT)]
    into_texts = insert(table).from_select(["n", *_TEXT], select(*text))
    blanked = (
        update(table)
        .where(table.c.n == numbered.c.old)
        .values(words=literal_column("''"), ts=literal_column("0"))
    )
    return (
        update(events)
        .where(events.c.room_id == numbered.c.room, events.c.seq == numbered.c.place)
        .values(text_id=numbered.c.n)
        .add_cte(into_texts.cte("new"), blanked.cte("blanked"))
    )


def _by_period(rows: Sequence[Reworded]) -> Iterator[tuple[int, list[Reworded]]]:
    in_order = sorted(rows, key=_period_of)
    return ((period, list(of_one)) for period, of_one in groupby(in_order, _period_of))


def _period_of(row: Reworded) -> int:
    return row.period


def _period(rows: Sequence[Said], retention_ms: int) -> int:
    """One for the whole transaction. A room whose clock was ahead goes on in the future: not by its time."""
    return period_of(min(event.ts for event, _ in rows), retention_ms)


def _event(event: RoomEvent, epoch: int) -> Row:
    return (
        event.room_id,
        event.seq,
        event.type,
        event.id,
        event.user_id,
        event.client_id,
        event.ts,
        epoch,
        event.content_hash,
        event.target or None,
    )


def _whole(event: RoomEvent, epoch: int) -> Row:
    return (*_event(event, epoch), packed(event.user_name, event.body))
