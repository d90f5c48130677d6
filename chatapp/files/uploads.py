"""Uploads as the HTTP edge has them: begun within what there may be, found, received, given up.

Everything that waits, waits on the threads of files. An upload is its person's own: for everybody else, and
when its time is over, it is not there.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from chatapp.errors import (
    ChatError,
    RateLimited,
    StorageFull,
    TooManyConnections,
    UploadInPieces,
    UploadTooLarge,
    UploadUnknown,
)
from chatapp.files.disk import DiskRoom
from chatapp.files.kinds import kind_of
from chatapp.files.parts import drop_parts
from chatapp.files.receiver import Checksum, UploadReceiver
from chatapp.files.threaded import FileState, ThreadedFiles
from chatapp.limits.uploads import UNSENT_MS, most_parts
from chatapp.runtime import PIECE_BYTES
from chatapp.store.uploads.quotas import Allowed, NewUpload, Over, UploadQuotas
from chatapp.store.uploads.uploads import GONE, StoredUpload

__all__ = ["StoredUpload", "Uploads"]

_OVER = {
    "person": "You have sent as much as one person may send in a day.",
    "address": "As much has come from this network address as may come in a day.",
    "room": "The files of this room take as much space as they may.",
    "server": "The files of this chat take as much space as they may.",
}
_AT_ONCE = "Too many files are on their way; wait for one of them."
_NO_PLACE = "Too many files are being sent to this node, and nobody sends more than this address."
CROWDED_MS = 5_000
OVER_MS = 600_000  # of what there may be in all: something has to be deleted, or to expire


class Uploads:
    """``file_bytes`` is the size that one may have. The methods block their greenlet."""

    def __init__(
        self,
        files: ThreadedFiles,
        *,
        file_bytes: int,
        allowed: Allowed,
        disk: DiskRoom,
        now_ms: Callable[[], int],
        on_refused: Callable[[str], object] = lambda reason: None,
    ) -> None:
        self.file_bytes = file_bytes
        self.on_whole: Callable[[StoredUpload], object] = lambda upload: None
        self._files = files
        self._allowed = allowed
        self._disk = disk
        self._now_ms = now_ms
        self._on_refused = on_refused

    def check_size(self, size: int) -> None:
        """Raises ``UploadTooLarge``."""
        if size > self.file_bytes:
            self._on_refused("too large")
            most = self.file_bytes >> 20
            raise UploadTooLarge(f"A file has at most {most:,} MiB.", field="Upload-Length")

    def check_parts(self, upload: StoredUpload) -> None:
        """Raises ``UploadInPieces`` before what nobody needs who sends a file."""
        if len(upload.parts) > most_parts(upload.announced, PIECE_BYTES):
            self._on_refused("pieces")
            raise UploadInPieces

    def begin(
        self, *, room_id: str, user_id: str, address: str, size: int, declared: str, words: Mapping[str, str]
    ) -> StoredUpload:
        """Raises ``RateLimited`` or ``StorageFull``, with a ``scope``."""
        new = NewUpload(
            upload_id=secrets.token_urlsafe(16),
            room_id=room_id,
            user_id=user_id,
            size=size,
            type=kind_of(b"", declared),
            words=dict(words),
            address=address,
        )
        begun = self._files.call(partial(_begin, new, self._allowed, self._disk))
        if isinstance(begun, Over):
            self._on_refused("at once" if begun.what == "at once" else begun.scope)
            raise _refusal(begun)
        return begun

    def find(self, upload_id: str, user_id: str) -> StoredUpload:
        """Raises ``UploadUnknown``."""
        found = self._files.ask(lambda store: store.uploads.get(upload_id))
        if found is None or found.user_id != user_id or self._is_over(found):
            raise UploadUnknown
        return found

    def receive(
        self, upload: StoredUpload, *, checksum: Checksum | None = None, is_new: bool = False
    ) -> UploadReceiver:
        """Who takes what comes behind what there is."""
        return UploadReceiver(
            self._files,
            upload,
            self._disk,
            checksum=checksum,
            is_new=is_new,
            on_whole=self.on_whole,
        )

    def crowded(self, scope: str) -> ChatError:
        """The refusal of a body, where so many of a "person", an "address" or the "node" are under way."""
        self._on_refused("at once" if scope == "person" else scope)
        if scope == "node":
            return TooManyConnections(_NO_PLACE, retry_after_ms=CROWDED_MS, scope=scope)
        return RateLimited(_AT_ONCE, retry_after_ms=CROWDED_MS, scope=scope)

    def give_up(self, upload: StoredUpload) -> None:
        """Its person wants it no more. Raises ``UploadUnknown`` where a message has it, or it is gone."""
        if not self._files.call(partial(_give_up, upload.upload_id)):
            raise UploadUnknown

    def expires_at(self, upload: StoredUpload) -> int | None:
        """In ms; None: a message has it, and it goes with that."""
        return None if upload.message_seq is not None else upload.created_at + UNSENT_MS

    def by_state(self, done: Callable[[dict[int, tuple[int, int]] | BaseException], None]) -> None:
        """How many there are in each state, and of how many bytes."""
        self._files.look_up(lambda store: store.uploads.by_state(), done)

    def refused(self, error: ChatError) -> None:
        """Count why a piece was not taken."""
        reasons = {"checksum_mismatch": "checksum", "conflict": "offset", "storage_full": "disk"}
        if (reason := reasons.get(error.code)) is not None:
            self._on_refused(reason)

    def _is_over(self, upload: StoredUpload) -> bool:
        expires_at = self.expires_at(upload)
        return upload.state == GONE or (expires_at is not None and expires_at <= self._now_ms())


def _begin(new: NewUpload, allowed: Allowed, disk: DiskRoom, state: FileState) -> StoredUpload | Over:
    disk.check(state, new.size)
    return UploadQuotas(state.store.database).begin(new, allowed)


def _give_up(upload_id: str, state: FileState) -> bool:
    """Bytes first, then the row: killed in between, whoever removes what is gone finds the rest."""
    table = state.store.uploads
    if not table.give_up(upload_id) or (gone := table.get(upload_id)) is None:
        return False
    drop_parts(state, gone.parts)
    table.remove(upload_id)
    return True


def _refusal(over: Over) -> ChatError:
    more: dict[str, Any] = {"retry_after_ms": over.retry_after_ms or OVER_MS, "scope": over.scope}
    if over.scope in ("room", "server"):
        return StorageFull(_OVER[over.scope], **more)
    words = _AT_ONCE if over.what == "at once" else None
    return RateLimited(words or _OVER[over.scope], **more)
