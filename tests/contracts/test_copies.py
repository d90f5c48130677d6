"""Backups and what is left of those that were killed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from chatapp.store.backup.copies import NoCopy, _whole, back_up

KILLED = """
import os, sys
from pathlib import Path
from chatapp.store.backup.copies import _whole
with _whole(Path(sys.argv[1])) as draft:
    draft.write_bytes(b"what somebody said")
    os._exit(9)
"""


def test_the_draft_of_a_run_that_was_killed_is_thrown_away_by_the_next(
    sqlite_url: str, tmp_path: Path
) -> None:
    copy = tmp_path / "backup.db"
    subprocess.run([sys.executable, "-c", KILLED, str(copy)], check=False, timeout=30)
    assert len(drafts(tmp_path)) == 1

    back_up(sqlite_url, copy)

    assert copy.exists()
    assert drafts(tmp_path) == []


def test_the_draft_of_a_run_that_is_at_it_is_left_alone(sqlite_url: str, tmp_path: Path) -> None:
    copy = tmp_path / "backup.db"
    with _whole(copy) as draft:
        back_up(sqlite_url, copy)
        assert drafts(tmp_path) == [draft]


def test_a_copy_that_cannot_be_made_leaves_no_draft(sqlite_url: str, tmp_path: Path) -> None:
    with pytest.raises(NoCopy), _whole(tmp_path / "backup.db"):
        raise OSError(28, "No space left on device")
    assert drafts(tmp_path) == []


def drafts(folder: Path) -> list[Path]:
    return list(folder.glob(".backup.db-*"))
