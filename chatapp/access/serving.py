"""What is served of a file, and to whom: asked anew each time, because a moment later it may be gone.

A file that was not sent yet is its person's alone. One that was is everybody's who has its address, like its
room: 128 random bits.
"""

from __future__ import annotations

import msgspec

from chatapp.errors import UploadGone, UploadNotReady, UploadRefused, UploadUnknown
from chatapp.files.kinds import PLAYED, SHOWN
from chatapp.limits.uploads import UNSENT_MS
from chatapp.store.uploads.uploads import GONE, READY, REFUSED, StoredUpload, UploadPart

THUMBNAIL_TYPE = "image/webp"


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """A file, or a thumbnail of it: its bytes are those of ``parts``, one behind the other."""

    etag: str
    name: str
    type: str
    size: int
    parts: tuple[UploadPart, ...]

    @property
    def is_shown(self) -> bool:
        """A picture that we made."""
        return self.type in SHOWN

    @property
    def is_played(self) -> bool:
        return self.type in PLAYED


def served(
    upload: StoredUpload | None, *, user_id: str, thumbnail: str | None, now_ms: int, retention_ms: int
) -> Served:
    """What somebody gets of a row. ``thumbnail`` is the length of its longer side, as told; None: the file.

    Raises ``UploadUnknown``, ``UploadGone``, ``UploadNotReady`` or ``UploadRefused``.
    """
    if upload is None:
        raise UploadUnknown
    if upload.message_seq is None and upload.user_id != user_id:
        raise UploadUnknown
    if _is_gone(upload, now_ms, retention_ms):
        raise UploadGone
    if upload.state == REFUSED:
        raise UploadRefused
    if upload.state != READY:
        raise UploadNotReady
    return _whole(upload) if thumbnail is None else _thumbnail(upload, thumbnail)


def _is_gone(upload: StoredUpload, now_ms: int, retention_ms: int) -> bool:
    if upload.state == GONE:
        return True
    if upload.message_ts is None:
        return upload.created_at <= now_ms - UNSENT_MS
    return upload.message_ts <= now_ms - retention_ms


def _whole(upload: StoredUpload) -> Served:
    return Served(
        etag=upload.upload_id,
        name=str(upload.words.get("name", "")),
        type=upload.type,
        size=sum(part.size for part in upload.parts),
        parts=upload.parts,
    )


def _thumbnail(upload: StoredUpload, side: str) -> Served:
    made = upload.words.get("thumbs", {}).get(side)
    if made is None:
        raise UploadUnknown
    stem = str(upload.words.get("name", "")).rpartition(".")
    return Served(
        etag=f"{upload.upload_id}-{side}",
        name=f"{stem[0] or stem[2]}-{side}.webp",
        type=THUMBNAIL_TYPE,
        size=made["bytes"],
        parts=(UploadPart(made["object"], made["bytes"]),),
    )
