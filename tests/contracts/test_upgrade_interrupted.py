"""An upgrade that is killed, or finds no room, has not been: the next start does it."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from chatapp.store.migrations import DatabaseUnusable, has_schema, upgrade
from faults.small_disk import SmallDisk, why_not
from tests.contracts.old_schema import fill, logs, old_rows
from tests.contracts.test_texts_migration import assert_all_is_there
from tests.forked import Ordered

pytestmark = pytest.mark.slow

PLACES = [
    "ALTER TABLE events RENAME",
    "INSERT INTO events",
    "INSERT INTO texts_4",
    "DROP TABLE events_before",
    "UPDATE alembic_version",
]


@pytest.mark.parametrize("place", PLACES)
def test_an_upgrade_that_is_killed_is_done_by_the_next_start(
    empty_url: str, dying_upgrades: Ordered, place: str
) -> None:
    expected = logs()
    fill(empty_url, "0002", expected)
    before = old_rows(empty_url)

    ended = dying_upgrades.order({"url": empty_url, "statement": place})

    assert ended == -signal.SIGKILL
    assert old_rows(empty_url) == before
    assert not has_schema(empty_url)
    upgrade(empty_url)
    assert_all_is_there(empty_url, expected)


@pytest.mark.skipif(why_not() is not None, reason=str(why_not()))
@pytest.mark.parametrize("free_bytes", [0, 1_500_000], ids=["no room", "room for a part"])
def test_without_room_for_it_the_upgrade_says_so_and_leaves_all_as_it_was(
    tmp_path: Path, free_bytes: int
) -> None:
    expected = logs()
    with SmallDisk(tmp_path, megabytes=10) as disk:
        url = f"sqlite:///{tmp_path / 'chat.db'}"
        fill(url, "0002", expected)
        before = old_rows(url)
        disk.fill()
        others = tmp_path / "somebody-else"
        os.truncate(others, others.stat().st_size - free_bytes)

        with pytest.raises(DatabaseUnusable, match=r"The disk is full: make room"):
            upgrade(url)

        assert disk.free_bytes > free_bytes - 4096, "what it wrote is given back"
        disk.let_go()
        assert old_rows(url) == before
        upgrade(url)
        assert_all_is_there(url, expected)
