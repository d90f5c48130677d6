"""How files go: first their bytes, then the row that names them; killed anywhere, the next one goes on.

A row is what is known of a file, so as long as anything of it may lie anywhere, its row stands and says that
it is gone. What no row names is an orphan: left by somebody who was killed between the two, or who was still
putting a file when it went. Once an hour the alarm compares what lies there with what the rows say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TypeVar

import msgspec

from chatapp.files.looking import names_in
from chatapp.files.place import claim
from chatapp.files.port import ObjectMissing, Objects, Stored
from chatapp.store.database.engine import Database
from chatapp.store.uploads.life import UploadLife, forget_rows
from chatapp.store.uploads.uploads import GONE, StoredUpload

ORPHAN_MS = 3_600_000  # somebody may still be about to name it in its row
_AT_ONCE = 500
_OURS = re.compile(r"[A-Za-z0-9_-]{22}/")  # what else lies there is not ours to remove


T = TypeVar("T")


class Swept(msgspec.Struct, kw_only=True):
    """What a sweep has found. ``missing`` are uploads of whose objects one is not there.

    ``is_taken``: the place belongs to another database. Then nothing was removed, and nothing is known.
    """

    orphans: int = 0
    orphan_bytes: int = 0
    missing: list[str] = []
    is_taken: bool = False


def remove_objects(uploads: Iterable[StoredUpload], objects: Objects) -> None:
    """All that lies under their ids, whether their rows name it or not."""
    for upload in uploads:
        objects.delete([each.name for each in objects.names(f"{upload.upload_id}/")])


def remove_gone(database: Database, objects: Objects) -> int:
    """Remove what was let go: how many files. Raises what store and database raise; then it is not done."""
    removed = 0
    for page in UploadLife(database).over():
        remove_objects(page, objects)
        with database.writing() as connection:
            removed += forget_rows(connection, [upload.upload_id for upload in page])
    return removed


def sweep(life: UploadLife, objects: Objects, me: str, now: int, go_on: Callable[[], object]) -> Swept:
    """Compare both ways, and remove orphans where the place belongs to the database, whose id is ``me``.

    ``now`` is in ms, ``go_on`` is called now and then.
    """
    swept, seen = Swept(), set[str]()
    for lying in _in_batches(each for each in objects.names() if _OURS.match(each.name)):
        seen.update(each.name for each in lying)
        orphans = list(_orphans(lying, life, now))
        if orphans and not claim(objects, me):
            swept.is_taken = True
            return swept
        objects.delete([each.name for each in orphans])
        swept.orphans += len(orphans)
        swept.orphan_bytes += sum(each.size for each in orphans)
        go_on()
    for rows in _in_batches(life.all()):
        swept.missing += [row.upload_id for row in rows if _lacks(row, seen, life, objects)]
        go_on()
    return swept


def _orphans(lying: Iterable[Stored], life: UploadLife, now: int) -> Iterator[Stored]:
    """Without a row nobody will ever name it: a row is there before the first byte."""
    lying = list(lying)
    known = life.known({_id_of(each) for each in lying})
    named = {name for upload in known.values() for name in names_in(upload)}
    for each in lying:
        if each.name not in named and (_id_of(each) not in known or each.modified_ms <= now - ORPHAN_MS):
            yield each


def _lacks(row: StoredUpload, seen: set[str], life: UploadLife, objects: Objects) -> bool:
    """Whether something of it is not there. What came while we looked is looked for once more."""
    if all(name in seen for name in names_in(row)):
        return False
    now = life.known([row.upload_id]).get(row.upload_id)
    return (
        now is not None and now.state < GONE and not all(_lies_there(name, objects) for name in names_in(now))
    )


def _lies_there(name: str, objects: Objects) -> bool:
    try:
        objects.get(name, 0, 1)
    except ObjectMissing:
        return False
    return True


def _id_of(stored: Stored) -> str:
    return stored.name.partition("/")[0]


def _in_batches(each: Iterable[T]) -> Iterator[list[T]]:
    left = iter(each)
    while batch := list(islice(left, _AT_ONCE)):
        yield batch
