"""What stays free is looked up on the disk that the bytes are on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import pytest

from chatapp.errors import StorageFull
from chatapp.factory.uploads import make_uploads
from chatapp.files.disk import DiskRoom
from chatapp.files.folder import FolderObjects
from chatapp.files.objects import bytes_folder
from chatapp.files.observed import ObservedObjects
from chatapp.files.threaded import FileState
from chatapp.store.database.engine import open_database
from chatapp.store.store import Store

GIB = 1 << 30


@pytest.fixture
def state(tmp_path: Path) -> Iterator[FileState]:
    database = open_database(f"sqlite:///{tmp_path / 'chat.db'}")
    yield FileState(Store(database, 1), ObservedObjects(FolderObjects(tmp_path / "uploads")))
    database.close()


def free_at(monkeypatch: pytest.MonkeyPatch, free: dict[Path, int]) -> None:
    """Bytes; what is not named is not there."""

    def statvfs(path: Path) -> SimpleNamespace:
        if path not in free:
            raise FileNotFoundError(path)
        return SimpleNamespace(f_blocks=100 * GIB, f_frsize=1, f_bavail=free[path])

    monkeypatch.setattr(os, "statvfs", statvfs)


def test_a_folder_of_files_on_a_disk_of_its_own_counts_with_that(
    state: FileState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Mock(data_dir=tmp_path, uploads_url=None, upload_max_bytes=1, uploads_max_bytes=1)
    uploads = make_uploads(Mock(settings=settings))
    assert uploads is not None
    disk = uploads._disk

    free_at(monkeypatch, {tmp_path: 50 * GIB, tmp_path / "uploads": 1000})
    with pytest.raises(StorageFull):
        disk.check(state, 1)
    free_at(monkeypatch, {tmp_path: 1000, tmp_path / "uploads": 50 * GIB})
    disk.check(state, 1)


def test_before_the_first_file_there_is_no_folder_and_the_one_it_comes_into_counts(
    state: FileState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free_at(monkeypatch, {tmp_path: 1000})
    with pytest.raises(StorageFull):
        DiskRoom(bytes_folder(None, tmp_path)).check(state, 1)


def test_whoever_waits_for_room_on_the_disk_asks_again_soon(
    state: FileState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No deletion has to come first: an operator gives it room."""
    free_at(monkeypatch, {tmp_path: 1000})
    with pytest.raises(StorageFull) as refused:
        DiskRoom(tmp_path).check(state, 1)
    assert 5_000 <= (refused.value.retry_after_ms or 0) <= 30_000


def test_bytes_in_a_bucket_are_for_whoever_has_it(state: FileState, tmp_path: Path) -> None:
    assert bytes_folder("s3://files@host/bucket", tmp_path) is None
    DiskRoom(None).check(state, 1 << 62)
