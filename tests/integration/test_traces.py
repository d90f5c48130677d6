"""Tables are written anew when something was taken from them, and else nobody is kept from writing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Table, insert, select, text
from sqlalchemy.event import listens_for

from chatapp.files.folder import FolderObjects
from chatapp.files.removing import remove_gone
from chatapp.jobs.cleanup import clean_up
from chatapp.store import traces
from chatapp.store.database.engine import DAY_MS, Database, open_database
from chatapp.store.models import users
from chatapp.store.nodes.alarms import CLAIM_MS
from chatapp.store.people.users import Users
from chatapp.store.uploads.quotas import UploadQuotas
from chatapp.store.uploads.uploads import GONE, StoredUpload, Uploads
from tests.contracts.uploaded import allowed, change, new_upload, put_whole
from tests.databases import database_url, postgresql_server, postgresql_url, sqlite_template, sqlite_url

__all__ = ["database_url", "postgresql_server", "postgresql_url", "sqlite_template", "sqlite_url"]

HOUR = 3_600_000
RETENTION = DAY_MS
ANEW = re.compile(
    r"INSERT INTO (?P<filled>\w+) .* SELECT kept\.|ALTER TABLE \w+_anew RENAME TO (?P<named>\w+)$"
)
KEEPING = {table.name for table in traces.NOTED}


class Chat:
    """Two files that messages have and two guests, all written anew already; ``anew`` are tables since."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.objects = FolderObjects(folder)
        self.people = Users(database)
        self.people.create("u_ana", name="Ana", token_id="t")
        self.people.create("u_ben", name="Ben", token_id="t")
        self.files = [put_whole(database, self.objects, b"a file") for _ in range(2)]
        self.now = self.files[0].created_at
        for file in self.files:
            change(database, file, message_seq=1, message_ts=self.now)
        self.anew: set[str] = set()
        self.fails = False

        @listens_for(database.engine, "before_cursor_execute")
        def look(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if anew := ANEW.match(" ".join(statement.split())):
                self.anew.add(anew["filled"] or anew["named"])
                if self.fails and self.anew & KEEPING:
                    raise Killed

        self.clean_up()

    def clean_up(self, after: int = HOUR) -> set[str]:
        """Which of the tables were written anew that need not be."""
        self.now += after
        self.anew.clear()
        with suppress(Killed):
            clean_up(self.database, RETENTION, objects=self.objects, now=lambda: self.now, pause=_pass)
        return self.anew & KEEPING


class Killed(Exception):
    """In the middle of a transaction."""


def _pass(_seconds: float) -> None:
    pass


@pytest.fixture
def chat(database_url: str, tmp_path: Path) -> Iterator[Chat]:
    with closing(open_database(database_url)) as database:
        yield Chat(database, tmp_path / "uploads")


def give_up(chat: Chat) -> None:
    change(chat.database, chat.files[0], state=GONE)
    Uploads(chat.database).remove(chat.files[0].upload_id)


def let_go(chat: Chat) -> None:
    change(chat.database, chat.files[0], state=GONE)
    assert remove_gone(chat.database, chat.objects) == 1


def expire(chat: Chat) -> None:
    change(chat.database, chat.files[0], message_ts=chat.now - RETENTION)


def forget_network(chat: Chat) -> None:
    change(chat.database, chat.files[0], created_at=chat.now - DAY_MS)


def guest_expires(chat: Chat) -> None:
    times = {"created_at": 0, "last_used_at": 0, "expires_at": chat.now}
    with chat.database.writing() as connection:
        connection.execute(insert(users), {"user_id": "u_old", "name": "Old", "token_id": "t", **times})


TAKEN: dict[str, tuple[str, Callable[[Chat], object]]] = {
    "given up": ("uploads", give_up),
    "let go": ("uploads", let_go),
    "expired": ("uploads", expire),
    "an address": ("uploads", forget_network),
    "renamed": ("users", lambda chat: chat.people.rename("u_ana", "Anne")),
    "signed out": ("users", lambda chat: chat.people.revoke("u_ana")),
    "a guest expired": ("users", guest_expires),
}


def test_where_nothing_was_taken_nothing_is_written_anew(chat: Chat) -> None:
    begun = UploadQuotas(chat.database).begin(new_upload(), allowed())
    assert isinstance(begun, StoredUpload)
    change(chat.database, begun, created_at=chat.now + HOUR)
    chat.people.create("u_cleo", name="Cleo", token_id="t")

    assert chat.clean_up() == set()


@pytest.mark.parametrize(("table", "take"), TAKEN.values(), ids=TAKEN)
def test_what_was_taken_has_its_table_written_anew_once(
    chat: Chat, table: str, take: Callable[[Chat], object]
) -> None:
    take(chat)

    assert chat.clean_up() == {table}
    assert chat.clean_up() == set()


@pytest.mark.parametrize(("table", "take"), TAKEN.values(), ids=TAKEN)
def test_a_run_that_was_killed_at_it_is_made_up_for(
    chat: Chat, table: str, take: Callable[[Chat], object]
) -> None:
    take(chat)
    chat.fails = True
    assert chat.clean_up() == {table}
    chat.fails = False

    assert chat.clean_up(2 * CLAIM_MS) == {table}
    assert chat.clean_up() == set()


def test_what_was_taken_before_anybody_noted_it_goes_with_the_first_alarm(sqlite_url: str) -> None:
    nobody = select(users).where(users.c.user_id == "").exists()
    with closing(open_database(sqlite_url)) as database:
        assert traces.may_be_in(database, users, nobody, {})


@pytest.mark.parametrize("table", traces.NOTED, ids=str)
def test_on_postgresql_what_was_never_committed_goes_where_nothing_else_is(
    postgresql_url: str, table: Table
) -> None:
    def never(connection: Connection) -> None:
        row = {column.name: _any(column.type.python_type) for column in table.c}
        connection.execute(insert(table), row)
        raise Killed

    nothing = select(table).where(table.c[0] == "").exists()
    with closing(open_database(postgresql_url)) as database:
        with database.writing() as connection:
            connection.execute(text(f"TRUNCATE {table.name}"))
            traces.clear(connection, table)
        assert not traces.may_be_in(database, table, nothing, {})
        with suppress(Killed), database.writing() as connection:
            never(connection)
        assert traces.may_be_in(database, table, nothing, {})


def _any(kind: type) -> object:
    return "x" if kind is str else 1
