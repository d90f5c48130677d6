"""What the person who uploads a file is told of it."""

from __future__ import annotations

from msgspec import UNSET

from chatapp.protocol.uploads import State, UploadStatus
from chatapp.store.uploads.binding import told_upload
from chatapp.store.uploads.uploads import LOOKING, READY, RECEIVING, REFUSED, StoredUpload

_STATES: dict[int, State] = {
    RECEIVING: "receiving",
    LOOKING: "looking",
    READY: "ready",
    REFUSED: "refused",
}


def upload_status(upload: StoredUpload, expires_at: int | None) -> UploadStatus:
    """Of one that has not gone; ``expires_at`` in ms."""
    state = _STATES[upload.state]
    is_ready = state == "ready"
    return UploadStatus(
        id=upload.upload_id,
        state=state,
        received=upload.received,
        size=upload.announced,
        expires_at=UNSET if expires_at is None else expires_at,
        why=upload.words.get("why", UNSET) if state == "refused" else UNSET,
        upload=told_upload(upload.upload_id, upload.type, upload.size, upload.words) if is_ready else UNSET,
    )
