"""Stretches: the candidates among successive rows of a log, which may be thousands.

A lookup for each row, as ``texts.WORDS`` is, costs more than all else: SQLite opens the table anew for it,
PostgreSQL begins a plan anew. So the tables of the ring are read along with the rows. All eight would cost
each row something, and a stretch mostly lies in one: *near* are those in which its ends are. What is
elsewhere comes without words, and is looked up after all.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    Table,
    and_,
    any_,
    bindparam,
    func,
    literal_column,
    null,
    or_,
    select,
    union_all,
)

from chatapp.store.log.candidates import could_match
from chatapp.store.log.texts import WORDS
from chatapp.store.models import LIVING, events, texts

_STATEMENTS = 100  # of each kind: so many terms, and such periods

_log = events.c
_is_in_room = _log.room_id == bindparam("room")
_is_living_in_stretch = (
    _is_in_room,
    _log.seq >= bindparam("first"),
    _log.seq <= bindparam("last"),
    _log.type == "message",
    _log.gone == LIVING,
    _log.ts > bindparam("cutoff"),
)

PERIODS_OF_ENDS = select(_log.period).where(
    _is_in_room, _log.seq.in_([bindparam("first"), bindparam("last")])
)
"""Which tables are near: those of the first and the last of a stretch, as far as these are still there."""


def named(patterns: Sequence[str]) -> dict[str, str]:
    """The patterns as the statements ask for them."""
    return {_name(place): pattern for place, pattern in enumerate(patterns)}


@lru_cache(_STATEMENTS)
def by_joins(patterns: int, near: tuple[int, ...]) -> Any:
    """For SQLite, where a table that is joined stays open. Upwards, as texts lie: each is beside the last."""
    tables = [(period, texts[period]) for period in near]
    rows: FromClause = events
    for period, table in tables:
        rows = rows.outerjoin(table, and_(table.c.n == _log.text_id, _is_of(events, period)))
    could = [could_match(table.c.words, _likes(patterns)) for _, table in tables]
    words = func.coalesce(*[table.c.words for _, table in tables], null(), null())  # of two at least
    return (
        select(_log.seq, words)
        .select_from(rows)
        .where(*_is_living_in_stretch, or_(_is_elsewhere(events, near), *could))
        .order_by(_log.seq)
    )


@lru_cache(_STATEMENTS)
def by_arrays(patterns: int, near: tuple[int, ...]) -> Any:
    """For PostgreSQL, which goes through an index with many keys at once.

    Left to itself it might join by reading all of a table.
    """
    stretch = select(_log.seq, _log.period, _log.text_id).where(*_is_living_in_stretch).cte("stretch")
    found = [_found(stretch, period, texts[period], patterns) for period in near]
    others = select(stretch.c.seq, null()).where(_is_elsewhere(stretch, near))
    return union_all(*found, others).order_by("seq")


@lru_cache(_STATEMENTS)
def elsewhere(patterns: int, near: tuple[int, ...]) -> Any:
    """The candidates whose words are in none of the near tables."""
    # With a limit the words are a column of their own; else they would be looked up for each comparison.
    said = select(_log.seq, WORDS).where(*_is_living_in_stretch, _is_elsewhere(events, near))
    stretch = said.order_by(_log.seq).limit(bindparam("rows")).subquery()
    return select(stretch).where(could_match(stretch.c.words, _likes(patterns))).order_by(stretch.c.seq)


def _found(stretch: CTE, period: int, table: Table, patterns: int) -> Any:
    keys = select(stretch.c.text_id).where(_is_of(stretch, period)).scalar_subquery()
    candidates = (
        select(table.c.n, table.c.words)
        .where(table.c.n == any_(func.array(keys)), could_match(table.c.words, _likes(patterns)))
        .cte(f"candidates_{period}")
        .prefix_with("MATERIALIZED")
    )
    is_here = and_(candidates.c.n == stretch.c.text_id, _is_of(stretch, period))
    return select(stretch.c.seq, candidates.c.words).join_from(stretch, candidates, is_here)


def _is_of(rows: FromClause, period: int) -> ColumnElement[bool]:
    return rows.c.period == literal_column(str(period))


def _is_elsewhere(rows: FromClause, near: Sequence[int]) -> ColumnElement[bool]:
    return rows.c.period.not_in([literal_column(str(period)) for period in near])


def _likes(patterns: int) -> list[ColumnElement[str]]:
    return [bindparam(_name(place)) for place in range(patterns)]


def _name(place: int) -> str:
    return f"pattern_{place}"
