"""How files go, on both databases: what is over, all of it, and nothing else."""

from __future__ import annotations

import os
from itertools import count
from pathlib import Path
from secrets import token_hex

from chatapp.files.folder import FolderObjects
from chatapp.files.place import OWNER, claim
from chatapp.files.port import Objects
from chatapp.files.removing import ORPHAN_MS, remove_gone, sweep
from chatapp.store.database.engine import Database
from chatapp.store.uploads.life import UploadLife, forget_rows, let_go_unsent
from chatapp.store.uploads.uploads import GONE, READY, REFUSED, StoredUpload, Uploads
from tests.contracts.uploaded import change, database, life, objects, put_whole
from tests.dying_calls import Killed, Life
from tests.s3_servers import S3Server, s3_server

__all__ = ["database", "life", "objects", "s3_server"]

ME, SOMEBODY = "m" * 22, "s" * 22


def left(database: Database, *uploads: StoredUpload) -> list[StoredUpload]:
    return [upload for upload in uploads if Uploads(database).get(upload.upload_id) is not None]


def lying(objects: Objects) -> set[str]:
    return {each.name.partition("/")[0] for each in objects.names() if each.name != OWNER}


def test_what_was_let_go_is_removed_and_the_rest_stays(database: Database, objects: FolderObjects) -> None:
    gone, stays = put_whole(database, objects, b"one file"), put_whole(database, objects, b"another")
    thumbnail = f"{gone.upload_id}/360-a"
    objects.put(thumbnail, b"small")
    change(database, gone, state=GONE)

    assert remove_gone(database, objects) == 1

    assert left(database, gone, stays) == [stays]
    assert lying(objects) == {stays.upload_id}
    assert remove_gone(database, objects) == 0


def test_a_removal_that_is_killed_anywhere_is_ended_by_the_next(
    database: Database, objects: FolderObjects
) -> None:
    for last in count():
        uploads = [put_whole(database, objects, b"a file of three parts") for _ in range(3)]
        for upload in uploads:
            change(database, upload, state=GONE)
        dying = Life(last)
        try:
            remove_gone(database, dying.wrap(objects))
        except Killed:
            # Whatever lies there still has its row.
            assert lying(objects) <= {upload.upload_id for upload in left(database, *uploads)}
        else:
            break
        remove_gone(database, objects)
        assert left(database, *uploads) == []
        assert lying(objects) == set()
    assert last > 10


def test_who_was_never_sent_goes_after_an_hour_and_who_has_a_message_stays(database: Database) -> None:
    objects = FolderObjects(Path("nowhere"))
    sent, unsent, refused, young = (put_whole(database, objects, b"", state=READY) for _ in range(4))
    for upload in (sent, unsent, refused, young):
        change(database, upload, state=READY)
    change(database, sent, message_seq=3, message_ts=sent.created_at)
    change(database, refused, state=REFUSED)
    change(database, young, created_at=young.created_at + 10)

    with database.writing() as connection:
        assert let_go_unsent(connection, young.created_at) == 2

    states = {upload.upload_id: Uploads(database).get(upload.upload_id) for upload in (unsent, refused)}
    assert [found.state for found in states.values() if found] == [GONE, GONE]
    assert [upload.upload_id for page in UploadLife(database).over() for upload in page] == sorted(states)


def test_what_expires_with_its_message_is_over_with_it(
    database: Database, life: UploadLife, objects: FolderObjects
) -> None:
    old, new = put_whole(database, objects, b"old"), put_whole(database, objects, b"new")
    change(database, old, message_seq=1, message_ts=1000)
    change(database, new, message_seq=2, message_ts=1001)

    assert [upload.upload_id for page in life.over(1000) for upload in page] == [old.upload_id]
    with database.writing() as connection:
        assert forget_rows(connection, [old.upload_id, new.upload_id], 1000) == 1
    assert left(database, old, new) == [new]


def test_what_no_row_names_is_an_orphan(database: Database, life: UploadLife, objects: FolderObjects) -> None:
    upload = put_whole(database, objects, b"a file")
    without_row = "A" * 22 + "/0-x"
    fresh, stale = f"{upload.upload_id}/0-fresh", f"{upload.upload_id}/0-stale"
    for name in (without_row, fresh, stale, "of-somebody/else"):
        objects.put(name, b"12345")
    now = max(each.modified_ms for each in objects.names())
    long_ago = (now - ORPHAN_MS) / 1000
    os.utime(objects._folder / stale, (long_ago, long_ago))

    swept = sweep(life, objects, ME, now, lambda: None)

    assert (swept.orphans, swept.orphan_bytes, swept.missing) == (2, 10, [])
    kept = {part.name for part in upload.parts} | {fresh, "of-somebody/else", OWNER}
    assert {each.name for each in objects.names()} == kept


def test_where_somebody_elses_files_lie_nothing_is_an_orphan(
    database: Database, life: UploadLife, objects: FolderObjects
) -> None:
    assert claim(objects, SOMEBODY)
    theirs = "A" * 22 + "/0-x"
    objects.put(theirs, b"12345")
    put_whole(database, objects, b"a file that came here before anybody noticed")
    before = {each.name for each in objects.names()}

    swept = sweep(life, objects, ME, 0, lambda: None)

    assert (swept.is_taken, swept.orphans, swept.missing) == (True, 0, [])
    assert {each.name for each in objects.names()} == before

    objects.delete([OWNER])
    swept = sweep(life, objects, ME, 0, lambda: None)
    assert (swept.is_taken, swept.orphans) == (False, 1)
    assert theirs not in {each.name for each in objects.names()}
    assert objects.get(OWNER) == ME.encode()


def test_a_row_whose_bytes_are_not_there_is_said(
    database: Database, life: UploadLife, objects: FolderObjects
) -> None:
    whole, broken = put_whole(database, objects, b"a file"), put_whole(database, objects, b"another")
    gone = put_whole(database, objects, b"one more")
    change(database, gone, state=GONE)
    objects.delete([broken.parts[1].name, *(part.name for part in gone.parts)])

    assert sweep(life, objects, ME, 0, lambda: None).missing == [broken.upload_id]
    assert left(database, whole, broken, gone) == [whole, broken, gone]


def test_what_comes_while_a_sweep_looks_is_not_missing(
    database: Database, life: UploadLife, objects: FolderObjects
) -> None:
    came: list[StoredUpload] = []

    def come() -> None:
        if not came:
            came.append(put_whole(database, objects, b"a file that comes now"))

    put_whole(database, objects, b"a file")

    assert sweep(life, objects, ME, 0, come).missing == []
    assert came


def test_it_is_the_same_in_a_bucket(database: Database, life: UploadLife, s3_server: S3Server) -> None:
    objects = s3_server.objects(prefix=f"removed/{token_hex(4)}")
    gone, stays = put_whole(database, objects, b"one file"), put_whole(database, objects, b"another")
    change(database, gone, state=GONE)
    orphan = "A" * 22 + "/0-x"
    objects.put(orphan, b"12345")

    assert remove_gone(database, objects) == 1
    assert sweep(life, objects, ME, 0, lambda: None).orphans == 1

    assert lying(objects) == {stays.upload_id}
