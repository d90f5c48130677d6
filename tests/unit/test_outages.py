"""An outage of the database: whoever asked gets a refusal, and the log the database's own words."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from chatapp.errors import RoomFull, StorageFull, StorageUnavailable
from chatapp.store.database.failures import in_its_words, naming_outages


def raising(error: Exception, cause: Exception | None = None) -> Callable[[Any], Any]:
    def job(_state: object) -> None:
        raise error from cause

    return job


def test_a_job_gives_what_it_gives() -> None:
    assert naming_outages(lambda state: f"{state} has it")("the store") == "the store has it"


@pytest.mark.parametrize(
    "error", [RoomFull(), StorageFull(), ValueError("a bug")], ids=lambda error: type(error).__name__
)
def test_what_is_no_outage_of_the_database_is_raised_as_it_is(error: Exception) -> None:
    with pytest.raises(type(error)) as raised:
        naming_outages(raising(error))(None)
    assert raised.value is error
    assert error.__cause__ is None


@pytest.mark.parametrize(
    ("error", "cause", "words"),
    [
        (
            OperationalError("SELECT 1", {}, sqlite3.OperationalError("disk I/O error")),
            sqlite3.OperationalError("disk I/O error"),
            "disk I/O error",
        ),
        (PermissionError(13, "Permission denied", "chat.db.node-lock"), None, "Permission denied"),
    ],
    ids=["by SQLAlchemy", "past it"],
)
def test_an_outage_is_a_refusal_that_knows_what_was_said(
    error: Exception, cause: Exception | None, words: str
) -> None:
    with pytest.raises(StorageUnavailable) as raised:
        naming_outages(raising(error, cause))(None)
    assert words in in_its_words(raised.value.__cause__)
