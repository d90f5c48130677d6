"""Traces: which tables something was taken from since they were last written anew.

What is deleted, or replaced in its row, may lie on in gaps of the table's file until then. So whoever takes
something from one of these tables notes it in the same transaction, *after* it has done so: then whoever
writes the table anew either has come before, and the note outlives them, or comes after, and takes it along.
A note is a row of ``alarms`` that never rings.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, exists, func, literal_column, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from chatapp.store.database.engine import Database
from chatapp.store.models import alarms, uploads, users

NOTED = (uploads, users)
"""All others are written anew with each alarm: of ``sessions`` each stay replaces something."""

_NOTES = {
    "sqlite": sqlite_insert(alarms).on_conflict_do_nothing(),
    "postgresql": postgresql_insert(alarms).on_conflict_do_nothing(),
}


def note(connection: Connection, table: Table) -> None:
    """Something of it has just been taken, in this transaction."""
    row = {"name": _name(table), "next_due": 0, "claimed_until": 0, "done_cutoff": 0}
    connection.execute(_NOTES[connection.dialect.name], row)


def note_anew(connection: Connection, table_name: str) -> None:
    """It was to be written anew, and was not."""
    for table in NOTED:
        if table.name == table_name:
            note(connection, table)


def clear(connection: Connection, table: Table) -> None:
    """It has just been written anew, in this transaction."""
    if table in NOTED:
        connection.execute(delete(alarms).where(alarms.c.name == _name(table)))


def may_be_in(
    database: Database, table: Table, is_over: ColumnElement[bool], asked: Mapping[str, Any]
) -> bool:
    """Whether it has to be written anew: for what was taken from it, or for what ``is_over`` in it."""
    if table not in NOTED:
        return True
    is_noted = exists().where(alarms.c.name == _name(table))
    has_expired = select(table).where(is_over).exists()
    with database.reading() as connection:
        if connection.scalar(select(is_noted | has_expired), asked):
            return True
        return not database.is_sqlite and bool(connection.scalar(select(_was_never_committed(table))))


def _was_never_committed(table: Table) -> ColumnElement[bool]:
    """PostgreSQL keeps it; beside rows that live it goes when the first of those does."""
    size = func.pg_relation_size(literal_column(f"'{table.name}'"))
    return (size > 0) & ~select(table).exists()


def _name(table: Table) -> str:
    return f"traces in {table.name}"
