"""Parts of files and the rows that name them: whatever happens between, no row promises what is not there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chatapp.errors import Conflict, StorageUnavailable
from chatapp.files.folder import FolderObjects
from chatapp.files.kinds import HEAD_BYTES
from chatapp.files.observed import ObservedObjects
from chatapp.files.parts import add_parts, put_part
from chatapp.files.threaded import FileState
from chatapp.store.uploads.quotas import UploadQuotas
from chatapp.store.uploads.uploads import LOOKING, READY, StoredUpload
from tests.contracts.uploaded import allowed, new_upload
from tests.contracts.worlds import DatabaseWorld

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\2\0\0\0\x90wS\xde"


@pytest.fixture
def state(database_world: DatabaseWorld, tmp_path: Path) -> FileState:
    return FileState(database_world.store, ObservedObjects(FolderObjects(tmp_path / "uploads")))


@pytest.fixture
def upload(state: FileState) -> StoredUpload:
    return begun(state, 10)


def begun(state: FileState, size: int, **more: Any) -> StoredUpload:
    wanted = new_upload(upload_id="an-upload", size=size, **more)
    found = UploadQuotas(state.store.database).begin(wanted, allowed())
    assert isinstance(found, StoredUpload)
    return found


def bring(state: FileState, upload: StoredUpload, piece: bytes) -> StoredUpload:
    return add_parts(state, upload, [put_part(state, upload, upload.received, piece)], piece)


def lies_there(state: FileState) -> set[str]:
    return {found.name for found in state.objects.names()}


def promised(state: FileState) -> set[str]:
    row = state.store.uploads.get("an-upload")
    assert row is not None
    return {part.name for part in row.parts}


def test_who_is_beaten_leaves_nothing(state: FileState, upload: StoredUpload) -> None:
    bring(state, upload, b"first")
    with pytest.raises(Conflict):
        bring(state, upload, b"second")

    assert lies_there(state) == promised(state)
    assert len(promised(state)) == 1


@pytest.mark.parametrize("is_stored", [True, False])
def test_what_is_in_doubt_stays(
    state: FileState, upload: StoredUpload, is_stored: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection to the database ends in COMMIT: nobody knows on which side of it."""
    append = state.store.uploads.append

    def cut_off(*asked: Any, **more: Any) -> None:
        if is_stored:
            append(*asked, **more)
        raise StorageUnavailable

    monkeypatch.setattr(state.store.uploads, "append", cut_off)
    with pytest.raises(StorageUnavailable):
        bring(state, upload, b"bytes")

    assert promised(state) <= lies_there(state)
    assert len(promised(state)) == is_stored


@pytest.mark.parametrize(("first", "state_at_the_end"), [(PNG, LOOKING), (b"plain text", READY)])
@pytest.mark.parametrize("size", [40, HEAD_BYTES, HEAD_BYTES + 100])
def test_what_it_is_is_told_by_its_beginning_in_whatever_parts(
    state: FileState, first: bytes, state_at_the_end: int, size: int
) -> None:
    whole = (first + bytes(size))[:size]
    upload = begun(state, size, type="text/plain")
    for at in (0, 3, 30):
        end = {0: 3, 3: 30, 30: size}[at]
        upload = bring(state, upload, whole[at:end])

    assert upload.state == state_at_the_end
    assert (upload.type == "image/png") == (state_at_the_end == LOOKING)
