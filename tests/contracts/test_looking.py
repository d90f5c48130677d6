"""The look, on both databases: done once by one of many, and done to its end by whoever comes after."""

from __future__ import annotations

import os
import signal
from itertools import count
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from PIL import Image

from chatapp.errors import StorageUnavailable
from chatapp.files.folder import FolderObjects
from chatapp.files.looking import bytes_of, look_at_next, name_of, names_in
from chatapp.files.pictures import process
from chatapp.files.place import claim
from chatapp.files.port import Objects
from chatapp.store.database.engine import Database
from chatapp.store.uploads.life import MOST_TRIES, UploadLife
from chatapp.store.uploads.uploads import GONE, LOOKING, READY, REFUSED, StoredUpload, Uploads
from tests.contracts.uploaded import change, database, life, objects, put_whole
from tests.dying_calls import Killed, Life
from tests.pictures import MARKER, SCENE_COLOURS, as_taken, colours_of, decoded, is_like, scene
from tests.s3_servers import S3Server, s3_server

__all__ = ["database", "life", "objects", "s3_server"]

TAKEN = as_taken("JPEG", 6, scene(400, 300))


def a_photo(database: Database, objects: Objects, data: bytes = TAKEN, **more: Any) -> StoredUpload:
    named = {"name": "IMG_1.heic", "alt": "the sea"}
    return put_whole(
        database, objects, data, **{"state": LOOKING, "type": "image/jpeg", "words": named, **more}
    )


def now_of(database: Database, upload: StoredUpload) -> StoredUpload:
    found = Uploads(database).get(upload.upload_id)
    assert found is not None
    return found


def end_claims(database: Database, *of: StoredUpload) -> None:
    """As if so much time had gone by."""
    for upload in of:
        if now_of(database, upload).claimed_until is not None:
            change(database, upload, claimed_until=1)


def must_be_done(database: Database, objects: Objects, upload: StoredUpload) -> None:
    found = now_of(database, upload)
    picture = b"".join(bytes_of(found, objects))
    assert (found.state, found.type, found.claimed_until) == (READY, "image/jpeg", None)
    assert (found.size, found.received) == (len(picture), upload.size), "what is served, and what came"
    assert is_like(colours_of(decoded(picture)), SCENE_COLOURS)
    assert {each.name for each in objects.names()} == set(names_in(found))
    assert not any(MARKER in objects.get(each.name) for each in objects.names())


def test_a_picture_is_written_anew_and_the_original_is_gone(
    database: Database, life: UploadLife, objects: FolderObjects
) -> None:
    upload = a_photo(database, objects)

    looked = look_at_next(life, objects)

    assert looked is not None
    assert (looked.upload_id, looked.outcome) == (upload.upload_id, "ready")
    must_be_done(database, objects, upload)
    words = now_of(database, upload).words
    assert (words["name"], words["alt"], words["width"], words["height"]) == (
        "IMG_1.jpg",
        "the sea",
        400,
        300,
    )
    assert len(words["placeholder"]) == 48
    (side, thumbnail) = next(iter(words["thumbs"].items()))
    assert (side, thumbnail["width"], thumbnail["height"]) == ("360", 360, 270)
    assert len(objects.get(thumbnail["object"])) == thumbnail["bytes"]
    assert look_at_next(life, objects) is None


def test_where_the_disk_of_the_folder_is_away_the_picture_waits_for_it(
    database: Database, life: UploadLife, objects: FolderObjects, tmp_path: Path
) -> None:
    """It is not damaged: nothing of it is missing where it lies."""
    assert claim(objects, "1" * 22)
    upload, folder, disk = a_photo(database, objects), tmp_path / "uploads", tmp_path / "disk"
    folder.rename(disk)
    folder.mkdir()

    looked = look_at_next(life, objects)
    assert looked is not None
    assert (looked.outcome, now_of(database, upload).state) == ("storage", LOOKING)

    folder.rmdir()
    disk.rename(folder)
    end_claims(database, upload)
    looked = look_at_next(life, objects)
    assert looked is not None
    assert (looked.outcome, now_of(database, upload).state) == ("ready", READY)


def test_it_is_the_same_in_a_bucket(database: Database, life: UploadLife, s3_server: S3Server) -> None:
    objects = s3_server.objects(prefix=f"looked/{token_hex(4)}")
    upload = a_photo(database, objects)

    assert look_at_next(life, objects) is not None

    must_be_done(database, objects, upload)


def test_a_large_picture_is_stored_in_parts(
    database: Database, life: UploadLife, objects: FolderObjects
) -> None:
    noise = Image.effect_noise((1300, 1200), 90).convert("RGB")
    upload = a_photo(database, objects, as_taken("PNG", image=noise), type="image/png")

    look_at_next(life, objects)

    found = now_of(database, upload)
    assert len(found.parts) > 2
    assert decoded(b"".join(bytes_of(found, objects))).size == (1300, 1200)


def test_what_is_no_picture_is_refused_and_its_bytes_are_gone(
    database: Database, life: UploadLife, objects: FolderObjects
) -> None:
    upload = a_photo(database, objects, TAKEN[:2000])

    looked = look_at_next(life, objects)

    assert looked is not None
    assert looked.outcome == "damaged"
    found = now_of(database, upload)
    assert (found.state, found.words["why"], found.parts, found.claimed_until) == (
        REFUSED,
        "damaged",
        (),
        None,
    )
    assert list(objects.names()) == []
    assert look_at_next(life, objects) is None


def test_one_looks_and_the_others_do_not(
    database: Database, life: UploadLife, objects: FolderObjects
) -> None:
    upload = a_photo(database, objects)
    assert life.fates([upload.upload_id, "another"]) == {upload.upload_id: (LOOKING, False, "")}

    first = life.claim_look()

    assert first is not None
    assert life.fates([upload.upload_id]) == {upload.upload_id: (LOOKING, True, "")}
    assert life.claim_look() is None


def test_the_one_that_has_waited_longest_comes_first(
    database: Database, life: UploadLife, objects: FolderObjects
) -> None:
    later, earlier = a_photo(database, objects), a_photo(database, objects)
    change(database, earlier, touched_at=later.touched_at - 1000)

    claimed = [life.claim_look(), life.claim_look()]

    assert [each.upload_id for each in claimed if each] == [earlier.upload_id, later.upload_id]


def test_who_has_sent_many_waits_for_those_who_have_sent_few(
    database: Database, life: UploadLife, objects: FolderObjects
) -> None:
    """Under however many names: at first it counts where they came from, then who sent them."""
    many = [a_photo(database, objects, user_id=f"u_{number % 2}") for number in range(5)]
    ben = [a_photo(database, objects, user_id="u_ben", address="192.0.2.2") for _ in range(3)]
    eva = a_photo(database, objects, user_id="u_eva", address="192.0.2.2")
    for ago, upload in enumerate(reversed([*many, *ben, eva])):
        change(database, upload, touched_at=upload.touched_at - 1000 * ago)

    claimed = []
    while (next_one := life.claim_look()) is not None:
        claimed.append(next_one.upload_id)
        assert life.refused(next_one, "damaged")

    assert claimed[0] == eva.upload_id
    assert claimed[1:4] == [upload.upload_id for upload in ben]
    assert {*claimed[4:]} == {upload.upload_id for upload in many}


@pytest.mark.slow
def test_a_look_that_is_killed_anywhere_is_done_by_the_next(
    database: Database, life: UploadLife, objects: FolderObjects
) -> None:
    for last in count():
        upload = a_photo(database, objects)
        dying = Life(last)
        try:
            look_at_next(dying.wrap(life), dying.wrap(objects))
        except Killed:
            is_over = False
        else:
            is_over = True
        end_claims(database, upload)
        while look_at_next(life, objects) is not None:
            pass
        must_be_done(database, objects, upload)
        objects.delete([each.name for each in objects.names()])
        change(database, upload, state=GONE)
        if is_over:
            break
    assert last > 15


def test_while_the_store_is_away_nothing_is_lost_and_no_try_counts(
    database: Database, life: UploadLife, objects: FolderObjects
) -> None:
    class Away(FolderObjects):
        def put(self, name: str, data: bytes) -> None:
            raise StorageUnavailable

    upload = a_photo(database, objects)
    for _ in range(MOST_TRIES + 2):
        looked = look_at_next(life, Away(objects._folder))
        assert looked is not None
        assert looked.outcome == "storage"
        assert look_at_next(life, objects) is None  # not at once
        end_claims(database, upload)

    look_at_next(life, objects)

    must_be_done(database, objects, upload)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGALRM])
def test_a_picture_that_ends_whoever_looks_is_refused_in_the_end(
    database: Database,
    life: UploadLife,
    objects: FolderObjects,
    monkeypatch: pytest.MonkeyPatch,
    number: signal.Signals,
) -> None:
    start = process._start

    def start_and_kill(kind: str, line: int) -> int:
        pid = start(kind, line)
        os.kill(pid, number)
        return pid

    monkeypatch.setattr(process, "_start", start_and_kill)
    upload = a_photo(database, objects)
    outcomes = []
    for _ in range(MOST_TRIES + 1):
        looked = look_at_next(life, objects)
        assert looked is not None
        outcomes.append(looked.outcome)
        end_claims(database, upload)

    assert outcomes == ["lost"] * MOST_TRIES + ["too_large"]
    assert now_of(database, upload).words["why"] == "too_large"
    assert list(objects.names()) == []


@pytest.mark.parametrize("state", [GONE, READY])
def test_a_look_that_comes_too_late_leaves_nothing(
    database: Database, life: UploadLife, objects: FolderObjects, state: int
) -> None:
    upload = a_photo(database, objects)

    class Slow(FolderObjects):
        def read(self, name: str, start: int, end: int, chunk: int = 1000) -> Any:
            change(database, upload, state=state, tries=17)  # it was deleted, or somebody else has looked
            return super().read(name, start, end, chunk)

    looked = look_at_next(life, Slow(objects._folder))

    assert looked is not None
    assert looked.outcome == "overtaken"
    assert {each.name for each in objects.names()} == {part.name for part in upload.parts}


@pytest.mark.parametrize(
    ("name", "kind", "wanted"),
    [
        ("IMG_1.HEIC", "image/jpeg", "IMG_1.jpg"),
        ("IMG_1.JPEG", "image/jpeg", "IMG_1.JPEG"),
        ("a.b", "image/png", "a.b.png"),
        ("photo", "image/webp", "photo.webp"),
        ("é" * 127, "image/gif", "é" * 125 + ".gif"),
    ],
)
def test_a_name_ends_as_what_the_picture_is(name: str, kind: str, wanted: str) -> None:
    assert name_of(name, kind) == wanted
