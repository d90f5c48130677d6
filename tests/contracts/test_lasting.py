"""What bytes are removed by is on the disk before they are, also where commits do not wait for the disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event

from chatapp.files.folder import FolderObjects
from chatapp.files.looking import look_at_next
from chatapp.files.observed import ObservedObjects
from chatapp.files.threaded import FileState
from chatapp.files.uploads import _give_up
from chatapp.store.database.engine import Database, open_database
from chatapp.store.migrations import upgrade
from chatapp.store.store import Store
from chatapp.store.uploads.life import UploadLife
from chatapp.store.uploads.uploads import LOOKING
from tests.contracts.uploaded import put_whole
from tests.pictures import as_taken, scene

FULL, NORMAL = 2, 1


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """As the threads of files have it."""
    url = f"sqlite:///{tmp_path / 'chat.db'}"
    upgrade(url)
    database = open_database(url)
    database.be_hasty()
    yield database
    database.close()


@contextmanager
def seen_by(database: Database) -> Iterator[list[Any]]:
    """How each commit waited, and ``removed`` where bytes were."""
    seen: list[Any] = []

    def committed(connection: Connection) -> None:
        if not connection.get_execution_options().get("is_reading"):
            cursor = connection.connection.cursor()
            cursor.execute("PRAGMA synchronous")
            seen.extend(how for (how,) in cursor.fetchall())

    event.listen(database.engine, "commit", committed)
    yield seen
    event.remove(database.engine, "commit", committed)


class Watched(FolderObjects):
    seen: list[Any]

    def delete(self, names: Any) -> None:
        self.seen.append("removed")
        super().delete(names)


@pytest.mark.parametrize("data", [as_taken("JPEG", 6, scene(40, 30)), as_taken("JPEG", 6)[:300]])
def test_the_original_goes_when_the_power_can_bring_no_row_back_that_names_it(
    database: Database, tmp_path: Path, data: bytes
) -> None:
    objects = Watched(tmp_path / "uploads")
    put_whole(database, objects, data, state=LOOKING, type="image/jpeg", words={"name": "IMG_1.jpg"})

    with seen_by(database) as objects.seen:
        assert look_at_next(UploadLife(database), objects) is not None

    assert objects.seen == [NORMAL, FULL, "removed", NORMAL]  # the claim, its end, the tidying


def test_what_is_given_up_goes_when_the_power_can_bring_no_row_back_that_has_it(
    database: Database, tmp_path: Path
) -> None:
    objects = Watched(tmp_path / "uploads")
    upload = put_whole(database, objects, b"abc")

    with seen_by(database) as objects.seen:
        assert _give_up(upload.upload_id, FileState(Store(database, 1), ObservedObjects(objects)))

    assert objects.seen == [FULL, "removed", NORMAL]
