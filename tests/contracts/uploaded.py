"""Uploads for tests: what they announce, what there may be, and where they and their bytes lie."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

import pytest
from sqlalchemy import update

from chatapp.files.folder import FolderObjects
from chatapp.files.port import Objects
from chatapp.store.database.engine import DAY_MS, Database
from chatapp.store.models import uploads
from chatapp.store.uploads.life import UploadLife
from chatapp.store.uploads.quotas import Allowed, NewUpload, UploadQuotas
from chatapp.store.uploads.uploads import READY, RECEIVING, StoredUpload, UploadPart, Uploads
from tests.contracts.worlds import DatabaseWorld

_numbers = count(1)


@pytest.fixture
def database(database_world: DatabaseWorld) -> Database:
    return database_world.store.database


@pytest.fixture
def life(database: Database) -> UploadLife:
    return UploadLife(database)


@pytest.fixture
def objects(tmp_path: Path) -> FolderObjects:
    return FolderObjects(tmp_path / "uploads")


def new_upload(**more: Any) -> NewUpload:
    return NewUpload(
        **{
            "upload_id": f"upload {next(_numbers)}",
            "room_id": "lobby",
            "user_id": "u_ana",
            "size": 10,
            "type": "text/plain",
            "words": {"name": "notes.txt"},
            "address": "192.0.2.1",
            **more,
        }
    )


def allowed(**more: Any) -> Allowed:
    plenty: dict[str, Any] = {
        "at_once": 1000,
        "stalled_ms": DAY_MS,
        "person": (),
        "address": (),
        "room_bytes": 1 << 30,
        "total_bytes": 1 << 40,
    }
    return Allowed(**{**plenty, **more})


def put_whole(
    database: Database,
    objects: Objects,
    data: bytes,
    *,
    state: int = READY,
    type: str = "text/plain",
    upload_id: str | None = None,
    **more: Any,
) -> StoredUpload:
    """A file that has come whole, in parts; it waits for what ``state`` says."""
    new = new_upload(size=len(data), type=type, upload_id=upload_id or token_urlsafe(16), **more)
    upload = UploadQuotas(database).begin(new, allowed())
    assert isinstance(upload, StoredUpload)
    size = max(1, len(data) // 3)
    for at in range(0, len(data), size):
        piece = data[at : at + size]
        name = f"{upload.upload_id}/{at}-{token_urlsafe(4)}"
        objects.put(name, piece)
        now_state = state if at + size >= len(data) else RECEIVING
        moved = Uploads(database).append(upload, UploadPart(name, len(piece)), state=now_state)
        assert moved is not None
        upload = moved
    return upload


def change(database: Database, upload: StoredUpload, **columns: Any) -> None:
    with database.writing() as connection:
        connection.execute(update(uploads).where(uploads.c.upload_id == upload.upload_id).values(**columns))
