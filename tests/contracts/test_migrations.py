from __future__ import annotations

from contextlib import closing
from functools import partial
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, make_url

from chatapp.store.database.engine import open_database
from chatapp.store.migrations import DatabaseUnusable, has_schema, upgrade, wait_for_schema
from chatapp.store.models import metadata
from chatapp.store.uploads.quotas import UploadQuotas
from chatapp.store.uploads.uploads import StoredUpload
from tests.contracts.old_schema import fill, go_to, logs, old_rows, store_names, upgrade_at_once
from tests.contracts.uploaded import allowed, new_upload


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


def test_the_names_of_rooms_come_and_go_beside_what_is_there(empty_url: str) -> None:
    """A node of the version before goes on beside them: nothing that it knows is touched."""
    fill(empty_url, "0001", logs())
    before = old_rows(empty_url)

    go_to(empty_url, command.upgrade, "0002")
    store_names(empty_url, [("lobby", "ana", "u_ana")])
    with_names = old_rows(empty_url)
    go_to(empty_url, command.downgrade, "0001")

    with closing(open_database(empty_url)) as database, database.reading() as connection:
        assert "room_names" not in inspect(connection).get_table_names()
    assert before == with_names == old_rows(empty_url)


def test_the_uploads_come_and_go_beside_what_is_there(empty_url: str) -> None:
    fill(empty_url, "0002", logs())
    go_to(empty_url, command.upgrade, "0004")
    before = new_rows(empty_url)

    go_to(empty_url, command.upgrade, "0005")
    with closing(open_database(empty_url)) as database, database.reading() as connection:
        assert "uploads" in inspect(connection).get_table_names()
    with closing(open_database(empty_url)) as database:
        assert isinstance(UploadQuotas(database).begin(new_upload(), allowed()), StoredUpload)
    with_uploads = new_rows(empty_url)
    go_to(empty_url, command.downgrade, "0004")

    with closing(open_database(empty_url)) as database, database.reading() as connection:
        assert "uploads" not in inspect(connection).get_table_names()
    assert before == with_uploads == new_rows(empty_url)
    assert len(before) > 100


def new_rows(url: str) -> list[tuple[object, ...]]:
    with closing(open_database(url)) as database, database.reading() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM events ORDER BY room_id, seq")
        return [tuple(row) for row in rows]


def test_several_that_start_at_once_upgrade_once(tmp_path: Path, postgresql_server: str) -> None:
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS empty")
        connection.execute("CREATE DATABASE empty")
    empty = make_url(postgresql_server).set(database="empty").render_as_string(hide_password=False)
    for url in (f"sqlite:///{tmp_path / 'deep' / 'chat.db'}", empty):
        assert not has_schema(url)
        failures = upgrade_at_once(url, seconds=30)

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


def test_an_older_version_refuses_a_newer_schema_with_a_sentence(database_url: str) -> None:
    """The node at its start, and the worker, which would otherwise wait for ever."""
    database = open_database(database_url)
    with database.writing() as connection:
        kept = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    try:
        for start in (upgrade, partial(wait_for_schema, sleep=lambda _: pytest.fail("it waits"))):
            with pytest.raises(
                DatabaseUnusable, match=r"newer version of the chat: its schema is 9999"
            ) as refusal:
                start(database_url)
            assert "\n" not in str(refusal.value)
    finally:
        with database.writing() as connection:
            connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{kept}'")
        database.close()


def test_what_an_url_says_is_joined_with_what_we_say(postgresql_url: str) -> None:
    options = "options=-c%20work_mem%3D5MB&options=-c%20search_path%3Dpublic&application_name=ours"
    database = open_database(f"{postgresql_url}{'&' if '?' in postgresql_url else '?'}{options}")

    with database.reading() as connection:
        said = [
            connection.exec_driver_sql(f"SHOW {name}").scalar_one()
            for name in ("work_mem", "search_path", "application_name", "statement_timeout")
        ]
    database.close()

    assert said == ["5MB", "public", "ours", "3s"]
