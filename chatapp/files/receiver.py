"""Receiving bytes of an upload: what one PATCH brings, piece by piece.

Each piece is stored and counted before the next is read, so whatever arrived before a break stays. A sender
that gives a checksum wants all or nothing: its pieces are stored as they come, and counted at the end,
together, if they are what they are said to be.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from hmac import compare_digest
from typing import TypeVar

from chatapp.errors import ChecksumMismatch, UploadTooLarge
from chatapp.files.disk import DiskRoom
from chatapp.files.kinds import HEAD_BYTES
from chatapp.files.parts import add_parts, drop_parts, put_part
from chatapp.files.threaded import FileState, ThreadedFiles
from chatapp.store.uploads.uploads import StoredUpload, UploadPart

R = TypeVar("R")

ALGORITHMS = ("sha1", "sha256")


class Checksum:
    """Of all that comes, as ``digest`` says it has to be."""

    def __init__(self, algorithm: str, digest: bytes) -> None:
        self._hash = hashlib.new(algorithm, usedforsecurity=False)
        self._digest = digest

    def update(self, piece: bytes) -> None:
        self._hash.update(piece)

    @property
    def is_right(self) -> bool:
        return compare_digest(self._hash.digest(), self._digest)


class UploadReceiver:
    """Fulfils the runtime's ``Receiver``. ``upload`` is as far as it has come, ``refusal`` why no further."""

    def __init__(
        self,
        files: ThreadedFiles,
        upload: StoredUpload,
        disk: DiskRoom,
        *,
        checksum: Checksum | None = None,
        is_new: bool = False,
        on_whole: Callable[[StoredUpload], object] = lambda upload: None,
    ) -> None:
        self.upload = upload
        self.is_new = is_new  # it was begun by the same request
        self.refusal: BaseException | None = None  # none of ours is a bug, which whoever answers will log
        self._files = files
        self._disk = disk
        self._checksum = checksum
        self._on_whole = on_whole
        self._waiting: list[UploadPart] = []  # for the checksum
        self._first = b""

    def take(self, piece: bytes, done: Callable[[bool], None]) -> None:
        offset = self.upload.received + sum(part.size for part in self._waiting)
        if offset + len(piece) > self.upload.announced:
            self.refusal = UploadTooLarge("That is more than was announced.", field="Upload-Length")
            self._drop_waiting(lambda: done(False))
        elif self._checksum is None:
            self._ask(partial(_store, self.upload, self._disk, piece), self._moved, done, self._moved)
        else:
            self._first = self._first or piece[:HEAD_BYTES]
            put = partial(_set_aside, self.upload, self._disk, offset, piece, self._checksum)
            self._ask(put, self._waiting.append, done, self._drop_late)

    def end(self, is_whole: bool, done: Callable[[], None]) -> None:
        if self._waiting and is_whole and self._checksum is not None and self._checksum.is_right:
            parts, self._waiting = self._waiting, []
            job = partial(_count, self.upload, parts, self._first)
            self._ask(job, self._moved, lambda _: done(), self._moved)
            return
        if self._waiting and is_whole:
            self.refusal = ChecksumMismatch(field="Upload-Checksum")
        self._drop_waiting(done)

    def _drop_waiting(self, done: Callable[[], None]) -> None:
        parts, self._waiting = self._waiting, []
        if parts:
            self._files.submit_in_time(lambda state: drop_parts(state, parts), lambda _: done(), _ignore)
        else:
            done()

    def _drop_late(self, part: UploadPart) -> None:
        """It was set aside when nobody waited for it any more."""
        self._files.submit(lambda state: drop_parts(state, [part]), _ignore)

    def _moved(self, upload: StoredUpload) -> None:
        self.upload = upload
        if upload.is_whole:
            self._on_whole(upload)

    def _ask(
        self,
        job: Callable[[FileState], R],
        on_done: Callable[[R], object],
        done: Callable[[bool], None],
        on_late: Callable[[R], object],
    ) -> None:
        """``on_late`` gets what came of it behind the refusal that there was no answer in time."""

        def told(result: R | BaseException) -> None:
            if isinstance(result, BaseException):
                self.refusal = result
                self._drop_waiting(lambda: done(False))
            else:
                on_done(result)
                done(True)

        def late(result: R | BaseException) -> None:
            if not isinstance(result, BaseException):
                on_late(result)

        self._files.submit_in_time(job, told, late)


def _store(upload: StoredUpload, disk: DiskRoom, piece: bytes, state: FileState) -> StoredUpload:
    disk.check(state, len(piece))
    return add_parts(state, upload, [put_part(state, upload, upload.received, piece)], piece)


def _set_aside(
    upload: StoredUpload, disk: DiskRoom, offset: int, piece: bytes, checksum: Checksum, state: FileState
) -> UploadPart:
    disk.check(state, len(piece))
    checksum.update(piece)
    return put_part(state, upload, offset, piece)


def _count(upload: StoredUpload, parts: list[UploadPart], first: bytes, state: FileState) -> StoredUpload:
    return add_parts(state, upload, parts, first)


def _ignore(*_: object) -> None:
    """For what nobody waits for."""
