"""The place where files lie belongs to one database: an object there holds its id.

Whatever a place holds that no row names is removed. A second database, which knows none of the first one's
files, would remove them all; so it is not let in, and removes nothing.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from chatapp.files.address import BucketAddress
from chatapp.files.objects import FOLDER, open_objects
from chatapp.files.port import OWNER, ObjectMissing, Objects
from chatapp.store.database.database_id import database_id
from chatapp.store.database.engine import open_database
from chatapp.store.database.failures import as_outage

__all__ = ["OWNER", "PlaceTaken", "check_place", "claim"]

_TAKEN = (
    "Files cannot be kept in {place!r}: what lies there belongs to another database, whose id is in "
    "{owner!r}. Name a place of this chat's own (CHAT_UPLOADS_URL with another prefix, or another "
    "CHAT_DATA_DIR), or the database that it belongs to (DATABASE_URL), or, if no other chat uses it, remove "
    "{owner!r}: then all that this database does not know is removed from there. CHAT_UPLOADS=off does "
    "without files."
)


class PlaceTaken(Exception):
    """It belongs to another database; the message is a sentence that says what to do."""


def claim(objects: Objects, me: str) -> bool:
    """Whether the place belongs to the database of the id ``me``. One that is nobody's does from now on.

    Raises ``StorageUnavailable`` and ``StorageFull``; then nobody knows.
    """
    try:
        return _owner(objects) == me.encode()
    except ObjectMissing:
        objects.put_alone(OWNER, me.encode())
    try:
        return _owner(objects) == me.encode()  # there are servers that put over what is there
    except ObjectMissing:
        return False  # something else is in its folder


def check_place(url: str | None, data_dir: Path, database_url: str) -> None:
    """Once there is a schema. Blocks; raises ``PlaceTaken``.

    An outage keeps nobody from starting: whoever then sweeps asks again.
    """
    try:
        with closing(open_database(database_url)) as database:
            if claim(open_objects(url, data_dir), database_id(database)):
                return
    except Exception as error:
        if as_outage(error) is None:
            raise
        return
    place = str(data_dir / FOLDER) if url is None else BucketAddress.of(url).url
    raise PlaceTaken(_TAKEN.format(place=place, owner=f"{place}/{OWNER}"))


def _owner(objects: Objects) -> bytes:
    return objects.get(OWNER)
