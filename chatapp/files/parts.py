"""The parts of a file, as they come: each is stored, and then the row says so.

In this order a kill between the two leaves an object that nobody knows, which the daily sweep finds, and
never a row that promises bytes that are not there. Runs on a thread of files.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from chatapp.errors import Conflict
from chatapp.files.kinds import HEAD_BYTES, is_picture, kind_of
from chatapp.files.threaded import FileState
from chatapp.store.uploads.uploads import LOOKING, READY, RECEIVING, StoredUpload, UploadPart

MOVED = "The file has come up to another place meanwhile: ask where, and go on from there."


def put_part(state: FileState, upload: StoredUpload, offset: int, piece: bytes) -> UploadPart:
    """Store some bytes, which nobody counts yet."""
    part = UploadPart(f"{upload.upload_id}/{offset}-{secrets.token_urlsafe(9)}", len(piece))
    state.objects.put(part.name, piece)
    return part


def add_parts(
    state: FileState, upload: StoredUpload, parts: Sequence[UploadPart], first: bytes
) -> StoredUpload:
    """Count what is stored; ``first`` is how it begins.

    Raises ``Conflict`` if somebody was faster: then the parts are taken away again. Where nobody knows if the
    row has moved on, they stay: it may promise them already, and what it does not, the daily sweep finds.
    """
    kind = _kind(state, upload, parts, first)
    whole = upload.received + sum(part.size for part in parts) == upload.size
    whole_state = LOOKING if is_picture(kind) else READY
    moved = state.store.uploads.append(upload, *parts, type=kind, state=whole_state if whole else RECEIVING)
    if moved is None:
        drop_parts(state, parts)
        raise Conflict(MOVED, field="Upload-Offset")
    return moved


def drop_parts(state: FileState, parts: Sequence[UploadPart]) -> None:
    state.objects.delete(part.name for part in parts)


def _kind(state: FileState, upload: StoredUpload, parts: Sequence[UploadPart], first: bytes) -> str:
    """By its first bytes, as soon as there are enough of them to tell; before that, as it was announced."""
    received = upload.received + sum(part.size for part in parts)
    if upload.received >= HEAD_BYTES or received < min(HEAD_BYTES, upload.size):
        return upload.type
    head = b"".join(state.objects.get(part.name) for part in upload.parts) + first
    return kind_of(head[:HEAD_BYTES], upload.type)
