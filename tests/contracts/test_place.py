"""Whose a place of files is: one database's, in a folder and in a bucket."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from secrets import token_urlsafe

import pytest

from chatapp.errors import StorageUnavailable
from chatapp.files.objects import FOLDER, Objects, open_objects
from chatapp.files.place import OWNER, PlaceTaken, check_place, claim
from chatapp.store.backup.copies import back_up, put_back
from chatapp.store.database.database_id import database_id
from chatapp.store.database.engine import open_database
from chatapp.store.migrations import upgrade
from tests.s3_servers import S3Server, s3_server

__all__ = ["s3_server"]

ONE, OTHER = "1" * 22, "2" * 22


@pytest.fixture(params=["folder", "s3"])
def places(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[Objects]]:
    """One and the same, as five see it."""
    if request.param == "folder":
        yield [open_objects(None, tmp_path) for _ in range(5)]
        return
    server: S3Server = request.getfixturevalue("s3_server")
    prefix = f"places/{token_urlsafe(8)}"
    yield [server.objects(prefix=prefix) for _ in range(5)]


def test_a_place_belongs_to_whoever_came_first_until_its_owner_is_removed(places: list[Objects]) -> None:
    first, again, later, *_ = places
    assert claim(first, ONE)
    assert claim(again, ONE)
    assert not claim(later, OTHER)
    assert later.get(OWNER) == ONE.encode()

    later.delete([OWNER])
    assert claim(later, OTHER)
    assert not claim(first, ONE)
    assert [each.name for each in first.names()] == [OWNER]


def test_what_is_put_alone_is_put_once_and_leaves_nothing_else(places: list[Objects]) -> None:
    assert places[0].put_alone("only/one", b"first")
    assert not places[1].put_alone("only/one", b"second")
    assert places[1].get("only/one") == b"first"
    assert [each.name for each in places[0].names()] == ["only/one"]


def test_of_several_that_come_at_once_one_has_it(places: list[Objects]) -> None:
    together, has = threading.Barrier(len(places)), dict[str, bool]()

    def come(objects: Objects, me: str) -> None:
        together.wait(10)
        has[me] = claim(objects, me)

    threads = [threading.Thread(target=come, args=(place, str(n) * 22)) for n, place in enumerate(places)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len(has) == len(places)
    assert [me for me, is_mine in has.items() if is_mine] == [places[0].get(OWNER).decode()]
    assert [each.name for each in places[0].names()] == [OWNER]


def test_something_else_in_its_folder_is_not_ours(tmp_path: Path) -> None:
    objects = open_objects(None, tmp_path)
    objects.put("owner/other", b"x")
    assert not claim(objects, ONE)


def test_a_database_has_one_id_that_is_its_own(database_url: str) -> None:
    with closing(open_database(database_url)) as database, closing(open_database(database_url)) as other:
        assert database_id(database) == database_id(other) == database_id(database)
        assert len(database_id(database)) == 22


def test_a_restored_backup_goes_on_and_a_new_database_is_refused(sqlite_url: str, tmp_path: Path) -> None:
    files, copy = tmp_path / "data", tmp_path / "copy.db"
    check_place(None, files, sqlite_url)
    back_up(sqlite_url, copy)
    new = f"sqlite:///{tmp_path / 'new.db'}"
    upgrade(new)

    with pytest.raises(PlaceTaken) as refused:
        check_place(None, files, new)

    owner = files / "uploads" / "owner" / "id"
    assert f"remove '{owner}'" in str(refused.value)
    put_back(new, copy)
    check_place(None, files, new)
    owner.unlink()
    check_place(None, files, new)
    assert owner.exists()


def test_a_place_that_does_not_answer_is_nobodys_fault(sqlite_url: str, tmp_path: Path) -> None:
    (tmp_path / "uploads").write_bytes(b"a file")
    check_place(None, tmp_path, sqlite_url)


def test_a_folder_whose_disk_is_away_lacks_nothing_and_takes_nothing(tmp_path: Path) -> None:
    """What it was mounted over is an empty folder: what is put there is hidden when the disk is back."""
    objects, folder, disk = open_objects(None, tmp_path), tmp_path / FOLDER, tmp_path / "disk"
    assert claim(objects, ONE)
    objects.put("up/0-a", b"bytes")
    since = open_objects(None, tmp_path)
    folder.rename(disk)
    folder.mkdir()

    for one in (objects, since):
        with pytest.raises(StorageUnavailable):
            one.get("up/0-a")
        with pytest.raises(StorageUnavailable):
            one.put("up/1-b", b"more")
        with pytest.raises(StorageUnavailable):
            one.delete(["up/0-a"])
        with pytest.raises(StorageUnavailable):
            list(one.names("up/"))
        with pytest.raises(StorageUnavailable):
            claim(one, ONE)
    assert list(folder.iterdir()) == []

    folder.rmdir()
    disk.rename(folder)
    assert objects.get("up/0-a") == b"bytes"
    objects.put("up/1-b", b"more")
    assert {each.name for each in since.names("up/")} == {"up/0-a", "up/1-b"}
