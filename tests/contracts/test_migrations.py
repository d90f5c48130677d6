from __future__ import annotations

import threading
from pathlib import Path

import psycopg
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import make_url

from chatapp.store.engine import open_database
from chatapp.store.migrations import has_schema, upgrade, wait_for_schema
from chatapp.store.models import metadata


def test_the_migrations_make_exactly_the_tables_of_the_models(database_url: str) -> None:
    database = open_database(database_url)
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        difference = compare_metadata(context, metadata)
    database.close()

    assert difference == []


def test_what_only_one_database_knows_is_there_too(sqlite_url: str, postgresql_url: str) -> None:
    sqlite, postgresql = open_database(sqlite_url), open_database(postgresql_url)
    with sqlite.reading() as connection:
        table = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'events'").scalar_one()
    with postgresql.reading() as connection:
        options = connection.exec_driver_sql(
            "SELECT reloptions FROM pg_class WHERE relname = 'room_leases'"
        ).scalar_one()
    sqlite.close()
    postgresql.close()

    assert "WITHOUT ROWID" in table
    assert options == ["fillfactor=70"]


def test_several_that_start_at_once_upgrade_once(tmp_path: Path, postgresql_server: str) -> None:
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS empty")
        connection.execute("CREATE DATABASE empty")
    empty = make_url(postgresql_server).set(database="empty").render_as_string(hide_password=False)
    for url in (f"sqlite:///{tmp_path / 'deep' / 'chat.db'}", empty):
        assert not has_schema(url)
        failures: list[BaseException] = []

        def start(url: str = url, failures: list[BaseException] = failures) -> None:
            try:
                upgrade(url)
            except BaseException as error:  # noqa: BLE001 - a thread has nobody to tell
                failures.append(error)

        threads = [threading.Thread(target=start) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)

        assert failures == []
        assert has_schema(url)


def test_a_worker_waits_until_somebody_has_made_the_schema(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'chat.db'}"
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        assert not (tmp_path / "chat.db").exists()
        if len(waits) == 3:
            upgrade(url)

    wait_for_schema(url, sleep=sleep)

    assert len(waits) == 3
