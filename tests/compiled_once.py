"""Statements compiled once for all engines of a run.

Each test has engines of its own, and SQLAlchemy compiles for each of them anew: a tenth of what a thousand
short tests take of a processor. What it makes of a statement depends on the kind of dialect alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event

Key = tuple[Any, ...]


class CompiledOnce(dict[Key, Any]):
    """What SQLAlchemy has compiled, by the kind of dialect: of itself it asks for that of one engine."""

    def get(self, key: Key, default: Any = None) -> Any:
        return super().get(_of_its_kind(key), default)

    def __setitem__(self, key: Key, compiled: Any) -> None:
        super().__setitem__(_of_its_kind(key), compiled)


def _of_its_kind(key: Key) -> Key:
    dialect, *statement = key
    return (type(dialect), *statement)


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    compiled = CompiledOnce()

    def share(connection: Connection) -> None:
        connection.execution_options(compiled_cache=compiled)

    event.listen(Engine, "engine_connect", share)
    yield
    event.remove(Engine, "engine_connect", share)
