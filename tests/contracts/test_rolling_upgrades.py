"""Nodes of two versions run side by side: a migration adds, and what older code writes goes on.

What nothing uses any more is taken away later, by a migration that says since when:
``unused_since = {"events.body": "0004"}``, the revision with which the code of an earlier release
stopped to use it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection, MetaData, Table, insert, inspect
from sqlalchemy.exc import DBAPIError

from chatapp.store.database.engine import open_database
from tests.contracts.old_schema import configured, go_to, migrate

pytestmark = pytest.mark.slow

LAST_THAT_STOPS = "0003"

Apply = Callable[[Connection], None]
Unused = Mapping[str, str]


def test_every_migration_lets_the_version_before_go_on(empty_url: str) -> None:
    go_to(empty_url, command.upgrade, LAST_THAT_STOPS)
    with closing(open_database(empty_url)) as database:
        for script in later_migrations():
            with database.writing() as connection:
                found = hindrances(connection, by_script(script), unused_since(script))
            assert found == [], script.path


def test_what_a_migration_takes_away_is_unused_since_an_earlier_one() -> None:
    earlier = {"0001", "0002", LAST_THAT_STOPS}
    for script in later_migrations():
        assert set(unused_since(script).values()) <= earlier - {script.down_revision}, script.path
        assert not hasattr(script.module, "needs_older_nodes_stopped"), script.path
        earlier.add(script.revision)


def add_required(op: Operations) -> None:
    op.add_column("alarms", sa.Column("new", sa.Integer, nullable=False, server_default=sa.text("0")))
    with op.batch_alter_table("alarms") as batch:
        batch.alter_column("new", server_default=None)


def narrow(op: Operations) -> None:
    with op.batch_alter_table("rooms") as batch:
        batch.alter_column("title", nullable=False, existing_type=sa.Text())


def refuse_by_check(op: Operations) -> None:
    with op.batch_alter_table("users") as batch:
        batch.create_check_constraint("longer", "length(name) > 20")


BAD: dict[str, tuple[Callable[[Operations], object], list[str]]] = {
    "a table goes": (lambda op: op.drop_table("read_cursors"), ["read_cursors"]),
    "a table is renamed": (lambda op: op.rename_table("users", "guests"), ["users"]),
    "a column goes": (lambda op: op.drop_column("events", "gone"), ["events.gone", "INSERT INTO events"]),
    "a column is renamed": (
        lambda op: op.alter_column("alarms", "unfinished", new_column_name="runs"),
        ["alarms.unfinished", "INSERT INTO alarms"],
    ),
    "a column must be given": (add_required, ["alarms.new", "INSERT INTO alarms"]),
    "a column may be missing no more": (narrow, ["rooms.title"]),
    "two may not be equal": (
        lambda op: op.create_index("u", "users", ["name"], unique=True),
        ["users: unique (name)"],
    ),
    "what is written is refused": (refuse_by_check, ["INSERT INTO users"]),
}


@pytest.mark.parametrize("case", BAD)
def test_a_migration_that_would_hinder_older_code_is_found(database_url: str, case: str) -> None:
    step, expected = BAD[case]

    found = tried(database_url, step, {})

    assert found == expected


def test_what_was_unused_for_a_release_may_go(database_url: str) -> None:
    found = tried(database_url, lambda op: op.drop_column("events", "gone"), {"events.gone": "0004"})

    assert found == []


def test_tables_columns_and_indexes_may_come(database_url: str) -> None:
    def add(op: Operations) -> None:
        op.create_table("pins", sa.Column("id", sa.Text, primary_key=True))
        op.add_column("events", sa.Column("maybe", sa.Text))
        op.add_column("events", sa.Column("number", sa.Integer, nullable=False, server_default=sa.text("0")))
        op.create_index("events_number_idx", "events", ["number"])

    assert tried(database_url, add, {}) == []


# --- the check ----------------------------------------------------------------------------


def tried(url: str, step: Callable[[Operations], object], unused: Unused) -> list[str]:
    """The hindrances of a made-up migration, which is rolled back."""

    def apply(connection: Connection) -> None:
        step(Operations(MigrationContext.configure(connection)))

    with closing(open_database(url)) as database, database.engine.connect() as connection:
        connection.exec_driver_sql("DELETE FROM alarms")
        return hindrances(connection, apply, unused)


def hindrances(connection: Connection, apply: Apply, unused: Unused) -> list[str]:
    """What an older version would miss after it, or could not write any more."""
    if connection.dialect.name == "postgresql":
        # To think between two statements may take longer here than a node may, on a busy machine.
        connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
    before = MetaData()
    before.reflect(connection)
    told = dict(described(connection))
    apply(connection)
    now = dict(described(connection))
    missed = [one for one in told if now.get(one) != told[one] and is_of_what_stays(one, now)]
    missed += [one for one, what in now.items() if one not in told and table_of(one) in told and what[0]]
    return [one for one in missed if one not in unused] + [
        f"INSERT INTO {table.name}"
        for table in before.sorted_tables
        if table.name in now and not takes_a_row(connection, table, unused)
    ]


def described(connection: Connection) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Tables, columns and what must be unique; the first of each value says if older code could miss it."""
    seen = inspect(connection)
    for table in seen.get_table_names():
        yield table, (False,)
        for column in seen.get_columns(table):
            is_asked_for = not column["nullable"] and column["default"] is None
            shape = (str(column["type"]), column["nullable"], column["default"])
            yield f"{table}.{column['name']}", (is_asked_for, *shape)
        keys: list[Sequence[str | None]] = [seen.get_pk_constraint(table)["constrained_columns"]]
        keys += [key["column_names"] for key in seen.get_unique_constraints(table)]
        keys += [index["column_names"] for index in seen.get_indexes(table) if index["unique"]]
        for key in keys:
            yield f"{table}: unique ({', '.join(map(str, key))})", (True,)


def is_of_what_stays(described: str, now: Mapping[str, object]) -> bool:
    """Of a table that has gone only the table is told."""
    table = table_of(described)
    return described == table or table in now


def table_of(described: str) -> str:
    return described.partition(".")[0].partition(":")[0]


def takes_a_row(connection: Connection, table: Table, unused: Unused) -> bool:
    """One as the code before would write it, with each of its columns. It does not stay."""
    row = {c.name: sample(c.type) for c in table.c if f"{table.name}.{c.name}" not in unused}
    tried = connection.begin_nested()
    try:
        connection.execute(insert(table).values(row))
    except DBAPIError:
        return False
    finally:
        tried.rollback()
    return True


def sample(type_: sa.types.TypeEngine[Any]) -> object:
    return {bytes: b"x", int: 1, str: "x", bool: True}[type_.python_type]


def later_migrations() -> list[Script]:
    scripts = ScriptDirectory.from_config(configured())
    return list(scripts.iterate_revisions("head", LAST_THAT_STOPS))[::-1]


def by_script(script: Script) -> Apply:
    return lambda connection: migrate(connection, command.upgrade, script.revision)


def unused_since(script: Script) -> Unused:
    found: Unused = getattr(script.module, "unused_since", {})
    return found
