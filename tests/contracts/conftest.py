from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.compiled_once import compiled_once
from tests.contracts.old_schema import empty_postgresql
from tests.contracts.worlds import DatabaseWorld, FakeWorld, World
from tests.databases import database_url, postgresql_server, postgresql_url, sqlite_template, sqlite_url
from tests.forked import Ordered

__all__ = [
    "compiled_once",
    "database_url",
    "postgresql_server",
    "postgresql_url",
    "sqlite_template",
    "sqlite_url",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that need a PostgreSQL, by a parameter or always."""
    for item in items:
        if "postgresql" in " ".join([item.name, *getattr(item, "fixturenames", ())]):
            item.add_marker(pytest.mark.postgresql)


@pytest.fixture(params=["fake", "sqlite", "postgresql"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "fake":
        yield FakeWorld()
        return
    world = DatabaseWorld(request.getfixturevalue(f"{request.param}_url"))
    yield world
    world.close()


@pytest.fixture
def database_world(database_url: str) -> Iterator[DatabaseWorld]:
    world = DatabaseWorld(database_url)
    yield world
    world.close()


@pytest.fixture
def sqlite_world(sqlite_url: str) -> Iterator[DatabaseWorld]:
    world = DatabaseWorld(sqlite_url)
    yield world
    world.close()


@pytest.fixture
def postgresql_world(postgresql_url: str) -> Iterator[DatabaseWorld]:
    world = DatabaseWorld(postgresql_url)
    yield world
    world.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Of an empty database, without a schema."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'chat.db'}"
        return
    with empty_postgresql(request.getfixturevalue("postgresql_server")) as url:
        yield url


@pytest.fixture(scope="session")
def dying_upgrades() -> Iterator[Ordered]:
    """Where upgrades are killed."""
    upgrades = Ordered("tests.dying_upgrades", os.environ)
    yield upgrades
    upgrades.close()
