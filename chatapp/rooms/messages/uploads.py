"""Uploads: the files that a message brings along.

A file is in the room before its message is, seen by nobody else. The message *binds* it, in one transaction
with its own row: to one message, for good. What is told of it stands in the message's body, with the other
words, and goes with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum, auto

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from chatapp.errors import UploadNotReady, UploadRefused, UploadUnknown
from chatapp.rooms.aspect import Question
from chatapp.rooms.events import Record

_LOOK_MS = 500  # after which it makes sense to ask again whether a picture has been looked at


class Upload(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What is told of a file. ``size`` is in bytes, ``width`` and ``height`` in pixels, of a picture.

    ``thumbs`` are the longest sides (pixels) of the smaller pictures that there are of it; ``placeholder`` is
    a picture of a few bytes to be shown meanwhile. Of what is ``animated`` they show the first moment.
    """

    id: str
    name: str
    type: str
    size: int
    width: int | UnsetType = UNSET
    height: int | UnsetType = UNSET
    placeholder: str | UnsetType = UNSET
    thumbs: Sequence[int] | UnsetType = UNSET
    animated: bool = False
    alt: str | UnsetType = UNSET


class Readiness(Enum):
    WAITING = auto()  # it has not come whole, or nobody has looked at it
    READY = auto()
    REFUSED = auto()


class Sendable(msgspec.Struct, frozen=True, kw_only=True):
    """A file of this room that has not gone. ``why`` says in a word, where it was refused, why."""

    user_id: str
    readiness: Readiness
    is_bound: bool
    upload: Upload
    why: str = ""


class UploadsFor(Question, frozen=True, kw_only=True):
    """Those of these files that are in the room and have not gone: a mapping of ids to ``Sendable``."""

    ids: tuple[str, ...]


class UploadsBound(Record, frozen=True, kw_only=True):
    """The message ``seq``, said at ``ts`` (ms), has these files of its author.

    Its writer raises ``NoLongerSo`` unless each was ready, this person's, and free until now.
    """

    room_id: str
    seq: int
    ts: int
    user_id: str
    ids: tuple[str, ...]


class UploadsKept(Record, frozen=True, kw_only=True):
    """Of the files of the message ``seq`` only these stay, as of ``at`` (ms); the others go."""

    room_id: str
    seq: int
    at: int
    ids: tuple[str, ...]


class KnownUploads:
    """The files that a batch is about. What one message of the batch binds, the next one finds bound."""

    def __init__(self) -> None:
        self._known: dict[str, Sendable] = {}

    def begin(self) -> None:
        if self._known:
            self._known = {}

    def ask(self, wanted: Iterable[Sequence[str]]) -> Sequence[UploadsFor]:
        """What storage must say before these can be bound."""
        ids = tuple(dict.fromkeys(id_ for ids in wanted for id_ in ids))
        return [UploadsFor(ids=ids)] if ids else ()

    def learn(self, found: Mapping[str, Sendable]) -> None:
        self._known |= found

    def find(self, ids: Sequence[str], user_id: str) -> list[Upload]:
        """Those that this person may send now. Raises ``UploadUnknown``, ``-Refused``, ``-NotReady``."""
        return [self._find(id_, user_id) for id_ in ids]

    def _find(self, id_: str, user_id: str) -> Upload:
        known = self._known.get(id_)
        if known is None or known.user_id != user_id or known.is_bound:
            raise UploadUnknown(field="uploads", upload=id_)
        if known.readiness is Readiness.REFUSED:
            raise UploadRefused(field="uploads", upload=id_, why=known.why)
        if known.readiness is Readiness.WAITING:
            raise UploadNotReady(field="uploads", upload=id_, retry_after_ms=_LOOK_MS)
        return known.upload

    def bind(self, ids: Sequence[str]) -> None:
        """They hang on a message from now on."""
        self._known |= {id_: replace(self._known[id_], is_bound=True) for id_ in ids}
