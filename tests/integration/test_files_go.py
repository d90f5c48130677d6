"""The alarm and files: those that are over go with their messages, wherever it was killed, and it says so."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from chatapp.errors import StorageUnavailable
from chatapp.files.folder import FolderObjects
from chatapp.files.place import claim
from chatapp.jobs.cleanup import clean_up, found_by_sweeps
from chatapp.jobs.report import FILES_AWAY, Ending, Report
from chatapp.jobs.telling import PLACE_TAKEN, tell
from chatapp.store.database.engine import Database, open_database
from chatapp.store.uploads.uploads import GONE, READY, StoredUpload, Uploads
from tests.contracts.uploaded import change, put_whole
from tests.databases import database_url, postgresql_server, postgresql_url, sqlite_template, sqlite_url

__all__ = ["database_url", "postgresql_server", "postgresql_url", "sqlite_template", "sqlite_url"]

MINUTE = 60_000
HOUR = 60 * MINUTE
RETENTION = 24 * HOUR


class Chat:
    """Its time is the test's; of files only, the rest of an alarm has tests of its own."""

    def __init__(self, database: Database, objects: FolderObjects) -> None:
        self.database = database
        self.objects = objects
        self.now = put_whole(database, objects, b"the first file").created_at

    def file(self, data: bytes = b"a file in three parts", **columns: Any) -> StoredUpload:
        upload = put_whole(self.database, self.objects, data)
        change(self.database, upload, created_at=self.now, **columns)
        return upload

    def sent(self, at: int) -> StoredUpload:
        return self.file(message_seq=1, message_ts=at)

    def clean_up(self, objects: Any = None) -> Report:
        return clean_up(
            self.database,
            RETENTION,
            objects=objects or self.objects,
            now=lambda: self.now,
            pause=lambda _seconds: None,
        )

    def left(self, *uploads: StoredUpload) -> list[StoredUpload]:
        lying = {each.name for each in self.objects.names()}
        found = []
        for upload in uploads:
            is_there = Uploads(self.database).get(upload.upload_id) is not None
            assert {part.name in lying for part in upload.parts} == {is_there}
            if is_there:
                found.append(upload)
        return found


@pytest.fixture
def chat(database_url: str, tmp_path: Path) -> Any:
    database = open_database(database_url)
    yield Chat(database, FolderObjects(tmp_path / "uploads"))
    database.close()


def test_files_go_with_their_messages_and_without_one_after_an_hour(chat: Chat) -> None:
    chat.clean_up()
    old, new = chat.sent(chat.now - RETENTION + MINUTE), chat.sent(chat.now - RETENTION + 2 * HOUR)
    unsent, gone = chat.file(), chat.file(state=GONE)
    chat.now += HOUR - 1
    young = chat.file()

    first = chat.clean_up()
    assert (first.ending, first.files) == (Ending.DONE, 2)
    assert chat.left(old, new, unsent, gone, young) == [new, unsent, young]

    chat.now += HOUR - 1
    assert chat.clean_up().files == 2  # with the one that the chat began with
    assert chat.left(new, unsent, young) == [new, young]


def test_while_the_bytes_cannot_be_reached_the_rows_stay_and_the_run_is_unfinished(chat: Chat) -> None:
    class Away(FolderObjects):
        def delete(self, names: Any) -> None:
            raise StorageUnavailable

    chat.clean_up()
    gone = chat.file(state=GONE)
    chat.now += HOUR - 1

    report = chat.clean_up(Away(chat.objects._folder))
    assert (report.ending, report.hindrances) == (Ending.UNFINISHED, [FILES_AWAY])
    assert chat.left(gone) == [gone]

    chat.now += 2 * MINUTE
    assert chat.clean_up().ending is Ending.DONE
    assert chat.left(gone) == []


def test_orphans_and_files_that_lack_something_are_counted_and_said(
    chat: Chat, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    broken = chat.sent(chat.now)
    chat.objects.delete([broken.parts[0].name])
    for n in range(3):
        chat.objects.put("A" * 22 + f"/{n}-x", b"x")

    report = chat.clean_up()
    tell(report)

    assert (report.orphans, report.missing) == (3, [broken.upload_id])
    assert found_by_sweeps(chat.database) == (3, 1)
    assert "1 files lack some of their bytes" in caplog.text
    assert broken.upload_id not in caplog.text  # whoever knows it is nearer to the file than one who does not
    assert "0 files and 3 orphaned objects removed" in caplog.text

    chat.now += HOUR
    chat.objects.put("A" * 22 + "/9-x", b"x")
    change(chat.database, broken, state=READY, parts="[]")
    chat.clean_up()
    assert found_by_sweeps(chat.database) == (4, 0)


def test_where_another_databases_files_lie_the_alarm_removes_none_and_says_so(
    chat: Chat, caplog: pytest.LogCaptureFixture
) -> None:
    assert claim(chat.objects, "somebody else's")
    theirs = "A" * 22 + "/0-x"
    chat.objects.put(theirs, b"x")

    report = chat.clean_up()
    tell(report)

    assert (report.ending, report.orphans, report.is_place_taken) == (Ending.DONE, 0, True)
    assert theirs in {each.name for each in chat.objects.names()}
    assert PLACE_TAKEN in caplog.text
