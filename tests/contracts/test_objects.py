"""What a folder and an S3 bucket must both do with the bytes of files."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from secrets import token_urlsafe

import pytest

from chatapp.errors import StorageUnavailable
from chatapp.files.folder import FolderObjects
from chatapp.files.objects import FOLDER, Objects, open_objects
from chatapp.files.port import ObjectMissing, StorageRefused
from tests.running import until
from tests.s3_servers import S3Server, as_environment, s3_server
from tests.s3_versions import keep_versions

__all__ = ["s3_server"]

BYTES = bytes(range(256)) * 2_400  # more than two chunks


@pytest.fixture(params=["folder", "s3"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Objects]:
    if request.param == "folder":
        yield open_objects(None, tmp_path)
        return
    server: S3Server = request.getfixturevalue("s3_server")
    yield server.objects(prefix=f"files/{token_urlsafe(8)}")


def test_what_is_put_is_read_whole_and_in_part(objects: Objects) -> None:
    objects.put("up/0-a", BYTES)
    assert objects.get("up/0-a") == BYTES
    assert objects.get("up/0-a", 5, 300) == BYTES[5:300]
    assert objects.get("up/0-a", 600_000) == BYTES[600_000:]
    assert objects.get("up/0-a", 600_000, 10_000_000) == BYTES[600_000:]
    assert objects.get("up/0-a", 7, 7) == b""
    assert b"".join(objects.read("up/0-a", 3, 600_001)) == BYTES[3:600_001]
    assert max(map(len, objects.read("up/0-a", 0, len(BYTES), chunk=100_000))) == 100_000


def test_an_empty_object_is_one(objects: Objects) -> None:
    objects.put("up/0-empty", b"")
    assert objects.get("up/0-empty") == b""
    assert [stored.name for stored in objects.names()] == ["up/0-empty"]


def test_what_is_not_there_is_missing(objects: Objects) -> None:
    with pytest.raises(ObjectMissing):
        objects.get("up/none")
    with pytest.raises(ObjectMissing):
        objects.get("up/none", 0, 10)
    objects.delete(["up/none", "nothing/none"])
    assert list(objects.names()) == []


def test_what_is_deleted_is_gone_and_nothing_else_is(objects: Objects) -> None:
    for name in ("up/0-a", "up/1-b", "other/0-c"):
        objects.put(name, b"bytes")
    objects.delete(["up/0-a", "up/none", "other/0-c"])
    assert [stored.name for stored in objects.names()] == ["up/1-b"]
    with pytest.raises(ObjectMissing):
        objects.get("other/0-c")
    objects.put("other/1-d", b"the folder is there again")


def test_more_than_a_request_deletes_are_deleted(objects: Objects) -> None:
    names = [f"up/{n}" for n in range(5)]
    for name in names:
        objects.put(name, b"x")
    objects.delete([*names, *(f"up/none-{n}" for n in range(1_200))])
    assert list(objects.names()) == []


def test_names_are_found_by_any_beginning_with_size_and_time(objects: Objects) -> None:
    sizes = {"up/0-a": 3, "up/10-b": 5, "upper/0-c": 7, "other/0-d": 9}
    for name, size in sizes.items():
        objects.put(name, b"x" * size)
    assert {stored.name: stored.size for stored in objects.names()} == sizes
    assert sorted(stored.name for stored in objects.names("up/")) == ["up/0-a", "up/10-b"]
    assert sorted(stored.name for stored in objects.names("up/1")) == ["up/10-b"]
    assert sorted(stored.name for stored in objects.names("up")) == ["up/0-a", "up/10-b", "upper/0-c"]
    assert list(objects.names("nothing/")) == []
    times = [stored.modified_ms for stored in objects.names()]
    assert all(1_600_000_000_000 < time < 4_000_000_000_000 for time in times)


@pytest.mark.parametrize("name", ["up", "/up/a", "up/../a", "../a", "up/.a", "up/a/b", "up/a b", "up/é", ""])
def test_a_name_that_is_none_of_ours_touches_nothing(objects: Objects, name: str) -> None:
    with pytest.raises(ValueError, match="not the name"):
        objects.put(name, b"x")
    with pytest.raises(ValueError, match="not the name"):
        objects.get(name)
    with pytest.raises(ValueError, match="not the name"):
        objects.delete(["up/fine", name])


def test_four_threads_put_read_and_delete_beside_each_other(objects: Objects) -> None:
    """In one folder, which goes with the last that is in it, and comes with the next."""
    errors: list[BaseException] = []

    def work(thread: int) -> None:
        try:
            for n in range(25):
                name = f"up/{thread}-{n}"
                objects.put(name, name.encode())
                assert objects.get(name) == name.encode()
                objects.delete([name])
        except BaseException as error:  # noqa: BLE001 - the test raises it
            errors.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    assert list(objects.names()) == []


def test_a_store_that_works_is_not_refused_and_keeps_nothing_of_the_look(objects: Objects) -> None:
    assert objects.refusal() is None
    assert list(objects.names()) == []


# --- the folder ---


def test_nobody_else_may_read_the_folder(tmp_path: Path) -> None:
    open_objects(None, tmp_path).put("up/0-a", b"bytes")
    for path, mode in (("", 0o700), ("up", 0o700), ("up/0-a", 0o600)):
        assert stat.S_IMODE((tmp_path / FOLDER / path).stat().st_mode) == mode


def test_a_name_in_the_folder_is_put_once(tmp_path: Path) -> None:
    objects = open_objects(None, tmp_path)
    objects.put("up/0-a", b"first")
    with pytest.raises(FileExistsError):
        objects.put("up/0-a", b"second")
    assert objects.get("up/0-a") == b"first"


def test_a_folder_whose_place_is_taken_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / FOLDER).write_bytes(b"a file")
    objects = open_objects(None, tmp_path)
    assert isinstance(objects, FolderObjects)
    why = objects.refusal()
    assert why is not None
    assert str(tmp_path / FOLDER) in why


def test_what_a_folder_holds_is_on_the_disk_before_put_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    fsync = os.fsync

    def watched(file: int) -> None:
        synced.append(os.readlink(f"/proc/self/fd/{file}"))
        fsync(file)

    monkeypatch.setattr(os, "fsync", watched)
    objects = open_objects(None, tmp_path)
    objects.put("up/0-a", b"bytes")
    folder = str(tmp_path / FOLDER)
    assert {f"{folder}/up/0-a", f"{folder}/up", folder} <= set(synced)
    synced.clear()
    objects.delete(["up/0-a"])
    assert synced == [folder]


# --- the bucket ---


def test_a_bucket_that_keeps_versions_is_refused_also_later(s3_server: S3Server) -> None:
    objects = s3_server.objects(bucket="with-versions")
    assert objects.refusal() is None
    keep_versions(s3_server.settings, "with-versions")
    why = objects.refusal()
    assert why is not None
    assert "keeps versions" in why
    with pytest.raises(StorageRefused, match="cannot be reached"):
        objects.put("up/0-a", b"bytes")


def test_what_is_deleted_is_in_no_file_of_the_server_after_its_vacuum(s3_server: S3Server) -> None:
    """It is told to; by itself it does so every few minutes, with the same threshold."""
    objects, mark = s3_server.objects(), token_urlsafe(24).encode()
    objects.put("up/0-deleted", mark + os.urandom(100_000) + mark)
    objects.put("up/0-stays", mark[:12] + os.urandom(5_000_000))

    def is_somewhere() -> bool:
        return any(
            mark in file.read_bytes()
            for file in s3_server.folder.rglob("*")
            if file.is_file() and file.suffix != ".tmp"
        )

    assert is_somewhere()
    objects.delete(["up/0-deleted"])

    def is_gone() -> bool:
        s3_server.vacuum()  # the server marks what is deleted a moment later
        return not is_somewhere()

    until(is_gone, seconds=30, pause=0.5)
    assert objects.get("up/0-stays", 0, 12) == mark[:12]


def test_a_wrong_key_is_refused_with_what_the_server_says(s3_server: S3Server) -> None:
    with as_environment({**s3_server.settings, "AWS_SECRET_ACCESS_KEY": "not-this-one"}):
        objects = open_objects("s3://chat/files", Path())
    why = objects.refusal()
    assert why is not None
    assert "s3://chat/files" in why
    assert "not-this-one" not in why


def test_a_server_that_is_not_there_is_an_outage(s3_server: S3Server) -> None:
    with as_environment({**s3_server.settings, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}):
        objects = open_objects("s3://chat/files", Path())
    with pytest.raises(StorageUnavailable) as outage:
        objects.put("up/0-a", b"bytes")
    assert not isinstance(outage.value, StorageRefused)
    with pytest.raises(StorageUnavailable):
        objects.refusal()
