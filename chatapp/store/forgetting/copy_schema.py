"""The schema of a table's copy, on SQLite: what it is made by, what keeps it in step, and all their names.

A copy is made as the table was, whatever columns it has: a newer version may have added some. An index keeps
its name when its table gets another, so each has two, which take turns: migrations know the first (see
``settle``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlalchemy import Connection, Table

from chatapp.store.traces import note_anew

_ANEW, _FORMER = "_anew", "_former"
_MADE = re.compile(r'CREATE (TABLE|INDEX|UNIQUE INDEX) "?\w+"?(?: ON "?\w+"?)?')


def copy_of(table: Table) -> str:
    """The name of its copy."""
    return f"{table.name}{_ANEW}"


def former(table: Table) -> str:
    """The name of what was the table, once the copy has its name."""
    return f"{table.name}{_FORMER}"


def column_names(connection: Connection, table: Table) -> list[str]:
    """Of the table as it is, not as this version knows it."""
    return [*connection.exec_driver_sql(f"SELECT * FROM {table.name} WHERE false").keys()]  # noqa: S608


def make_copy(connection: Connection, table: Table) -> None:
    """Empty, with all indexes, and with triggers: from now on it has each change of the table."""
    made = "SELECT name, sql FROM sqlite_master WHERE tbl_name = ? AND type IN ('table', 'index') "
    rows = connection.exec_driver_sql(f"{made} AND sql IS NOT NULL ORDER BY type DESC", (table.name,))
    for name, sql in rows.all():
        connection.exec_driver_sql(_made_for(copy_of(table), _other(name), sql))
    for trigger in _triggers(table, column_names(connection, table)):
        connection.exec_driver_sql(trigger)


def drop_triggers(connection: Connection, table: Table) -> None:
    """The copy is on its own from now on."""
    for change in ("insert", "update", "delete"):
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {copy_of(table)}_{change}")


def settle(connection: Connection) -> None:
    """Take away what killed runs have left, and give indexes the names that migrations know.

    In one go: it is for an upgrade, when nobody waits.
    """
    made = "SELECT name, sql FROM sqlite_master WHERE type = ? ORDER BY name"
    for trigger, _ in connection.exec_driver_sql(made, ("trigger",)).all():
        connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
    for table, _ in connection.exec_driver_sql(made, ("table",)).all():
        if table.endswith((_ANEW, _FORMER)):
            if table.endswith(_ANEW):  # the note was struck out where it began: see ``traces``
                note_anew(connection, table.removesuffix(_ANEW))
            connection.exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608 - our own tables
            connection.exec_driver_sql(f"DROP TABLE {table}")
    for index, sql in connection.exec_driver_sql(made, ("index",)).all():
        if index.endswith(_ANEW):
            connection.exec_driver_sql(f"DROP INDEX {index}")
            connection.exec_driver_sql(sql.replace(index, _other(index), 1))


def _made_for(table_name: str, name: str, made: str) -> str:
    """The statement that makes another table, or an index of another table."""

    def head(match: re.Match[str]) -> str:
        what = match[1]
        return f"CREATE {what} {table_name if what == 'TABLE' else f'{name} ON {table_name}'}"

    return _MADE.sub(head, made, count=1)


def _triggers(table: Table, names: list[str]) -> Iterator[str]:
    """No OR REPLACE: in a trigger it gives way to the policy of the statement that has set it off."""
    copy, new = copy_of(table), ", ".join(f"NEW.{name}" for name in names)
    is_old = " AND ".join(f"{each.name} = OLD.{each.name}" for each in table.primary_key)
    take = f"DELETE FROM {copy} WHERE {is_old};"  # noqa: S608 - our own tables
    put = f"INSERT INTO {copy} ({', '.join(names)}) VALUES ({new});"  # noqa: S608
    for change, does in (("INSERT", put), ("UPDATE", take + put), ("DELETE", take)):
        name = f"{copy}_{change.lower()}"
        yield f"CREATE TRIGGER {name} AFTER {change} ON {table.name} BEGIN {does} END"


def _other(name: str) -> str:
    """Of the two names of an index the one that is free, and of a table its copy's."""
    return name.removesuffix(_ANEW) if name.endswith(_ANEW) else name + _ANEW
