"""SQLite's write lock: whoever waits for it has it soon after it is free, and not for ever."""

from __future__ import annotations

import sqlite3
import threading
import time
from statistics import median

import pytest
from sqlalchemy import text

from chatapp.store.database import sqlite
from chatapp.store.database.engine import Database, open_database

HELD_SECONDS = 0.01  # SQLite by itself would look after 8 ms, and then after 18


@pytest.fixture
def two(sqlite_url: str) -> tuple[Database, Database]:
    """Two processes' ways into one file, as far as SQLite is concerned."""
    return open_database(sqlite_url), open_database(sqlite_url)


@pytest.mark.alone
def test_a_lock_that_is_free_again_is_taken_within_a_moment(two: tuple[Database, Database]) -> None:
    cleanup, journal = two
    late = []
    for _ in range(9):
        freed_at: list[float] = []
        is_held = threading.Event()

        def hold(freed_at: list[float] = freed_at, is_held: threading.Event = is_held) -> None:
            with cleanup.writing():
                is_held.set()
                time.sleep(HELD_SECONDS)
            freed_at.append(time.monotonic())

        holder = threading.Thread(target=hold)
        holder.start()
        is_held.wait()
        with journal.writing():
            taken_at = time.monotonic()
        holder.join()
        late.append(taken_at - freed_at[0])

    assert median(late) < 0.004


def test_a_lock_that_is_never_free_is_given_up(
    two: tuple[Database, Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "LOCK_SECONDS", 0.05)
    stuck, journal = two
    with (
        stuck.writing(),
        pytest.raises(sqlite3.OperationalError, match="locked"),
        journal.writing(),
    ):
        pass

    with journal.writing() as connection:
        assert connection.execute(text("PRAGMA busy_timeout")).scalar_one() == 3000
