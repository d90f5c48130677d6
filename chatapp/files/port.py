"""Named bytes, put once, read whole or in part, and deleted: what a folder and an S3 bucket have in common.

A name is an upload's id, a slash, and a name of its own with something random in it: nothing is put
twice. Everything blocks, and belongs on a real thread; nothing here logs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple, Protocol

from chatapp.errors import StorageUnavailable

CHUNK = 256 * 1024
OWNER = "owner/id"  # the object that says whose the place is: there as soon as a chat has claimed it

# One folder deep, and none begins with a dot.
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*/[A-Za-z0-9_-][A-Za-z0-9_.-]*", re.ASCII)


class ObjectMissing(LookupError):
    """There is no object of this name (any more)."""


class StorageRefused(StorageUnavailable):
    """The store answered, and said no: waiting does not help, but whoever set it up can.

    ``why`` ends a sentence for them; whoever asked over the wire hears of an outage.
    """

    def __init__(self, why: str) -> None:
        super().__init__()
        self.why = why


class Stored(NamedTuple):
    """``modified_ms`` is by the clock of whoever stores it."""

    name: str
    size: int
    modified_ms: int


class Objects(Protocol):
    """For one thread at a time. All of it may raise ``StorageUnavailable``, ``put`` ``StorageFull`` too."""

    def put(self, name: str, data: bytes) -> None:
        """On its return the bytes outlive a loss of power. Raises ``FileExistsError`` where it can tell."""

    def put_alone(self, name: str, data: bytes) -> bool:
        """The same, of a name that shall be the only one in its folder; False: there is one already.

        Whoever finds it finds all of it. Of several that put at once, one has True.
        """

    def get(self, name: str, start: int = 0, end: int | None = None) -> bytes:
        """The bytes from ``start`` until before ``end``, fewer where there are fewer.

        Raises ``ObjectMissing``.
        """

    def read(self, name: str, start: int, end: int, chunk: int = CHUNK) -> Iterator[bytes]:
        """The same in pieces of ``chunk`` at most, of which it holds one."""

    def delete(self, names: Iterable[str]) -> None:
        """What is not there is deleted already."""

    def names(self, prefix: str = "") -> Iterator[Stored]:
        """All whose name begins so, in no order; also what a killed ``put`` has left."""

    def refusal(self) -> str | None:
        """Why files cannot lie here, in words that end a sentence; None: they can.

        Puts, reads and deletes a few bytes. Raises ``StorageUnavailable`` if nobody can say now.
        """


def checked(name: str) -> str:
    """The same name. Raises ``ValueError``: all names are ours, so another one is a bug."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"not the name of an object: {name!r}")
    return name


def in_pieces(objects: Objects, name: str, start: int, end: int, chunk: int) -> Iterator[bytes]:
    """``Objects.read`` by as many ``get``."""
    while start < end:
        piece = objects.get(name, start, min(start + chunk, end))
        if not piece:
            return
        yield piece
        start += len(piece)
