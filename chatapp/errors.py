"""The tree of refusals: every way this system says no, with its code on the wire.

    ChatError                     a refusal; the edge turns it into an ack or an HTTP answer
    ├── the request is wrong      BadRequest, UnknownEvent, Unsupported, ProtocolUnsupported, Empty,
    │                             TooLong, Conflict, UnsupportedType, TusUnsupported, ChecksumMismatch
    ├── the person may not        Unauthorized, TokenExpired, Forbidden, Banned, Muted, NotJoined
    ├── the thing is not so       RoomNotFound, RoomFull, RoomClosed, NameTaken, TargetGone,
    │                             TooMany, UploadUnknown, UploadGone, UploadInPieces, UploadRefused,
    │                             UploadTooLarge, UploadsOff
    └── not now, ask again        RoomBusy, RateLimited, SlowMode, TooManyConnections, Draining,
                                  OwnerUnavailable, StorageUnavailable, StorageFull,
                                  UploadNotReady, Internal

Raise a ``ChatError`` to refuse; everything else that is raised is a bug or an outage.
Only the errors marked ``retryable`` may be repeated by a machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar


class ChatError(Exception):
    """A refusal with its wire code.

    ``retry_after_ms`` is the wait in milliseconds after which asking again makes sense,
    ``field`` the name of the payload's field that was wrong, ``extra`` what a code adds
    to the error object (``suggestion`` and ``wrote_at`` for a taken name, ``version`` or
    ``rev`` for a stale one, ``upload`` for a file that cannot be sent and ``why``).
    """

    code: ClassVar[str] = "internal"
    retryable: ClassVar[bool] = False
    http_status: ClassVar[int] = 400
    text: ClassVar[str] = "Something went wrong on our side."

    def __init__(
        self,
        message: str | None = None,
        *,
        retry_after_ms: int | None = None,
        field: str | None = None,
        **extra: Any,
    ) -> None:
        self.message = message or self.text
        self.retry_after_ms = retry_after_ms
        self.field = field
        self.extra = extra
        super().__init__(self.message)


class BadRequest(ChatError):
    code = "bad_request"
    text = "The request is not what this event accepts."


class UnknownEvent(ChatError):
    code = "unknown_event"
    text = "There is no event of this name."


class Unsupported(ChatError):
    code = "unsupported"
    text = "This server does not offer this."


class ProtocolUnsupported(ChatError):
    code = "protocol_unsupported"
    text = "This server speaks version 1 of the protocol."


class Empty(ChatError):
    code = "empty"
    text = "A message needs some text."


class TooLong(ChatError):
    code = "too_long"
    http_status = 413
    text = "The text is too long."


class Conflict(ChatError):
    code = "conflict"
    http_status = 409
    text = "This was said before with other content."


class Unauthorized(ChatError):
    code = "unauthorized"
    http_status = 401
    text = "Sign in first."


class TokenExpired(ChatError):
    code = "token_expired"
    http_status = 401
    text = "The sign-in has expired."


class Forbidden(ChatError):
    code = "forbidden"
    http_status = 403
    text = "This is not allowed."


class Banned(ChatError):
    code = "banned"
    http_status = 403
    text = "This person may not take part."


class Muted(ChatError):
    code = "muted"
    http_status = 403
    text = "This person may read but not write here."


class NotJoined(ChatError):
    code = "not_joined"
    http_status = 403
    text = "Join the room first."


class RoomNotFound(ChatError):
    code = "room_not_found"
    http_status = 404
    text = "There is no such room."


class RoomFull(ChatError):
    code = "room_full"
    http_status = 403
    text = "The room is full."


class RoomClosed(ChatError):
    code = "room_closed"
    http_status = 403
    text = "The room is closed."


class NameTaken(ChatError):
    code = "name_taken"
    http_status = 409
    text = "Somebody in this room has this name."


class TargetGone(ChatError):
    code = "target_gone"
    http_status = 404
    text = "The message is no longer there."


class TooMany(ChatError):
    code = "too_many"
    http_status = 409
    text = "There are as many as there can be."


class UploadUnknown(ChatError):
    """Also another person's, another room's, and one that hangs on another message."""

    code = "upload_unknown"
    http_status = 404
    text = "There is no such file that could be sent here."


class UploadGone(ChatError):
    code = "upload_gone"
    http_status = 410
    text = "The file is no longer there."


class UploadInPieces(ChatError):
    """Each piece is an object, and a place in its row."""

    code = "upload_in_pieces"
    http_status = 410  # clients begin anew
    text = "The file has come in too many pieces: begin it anew."


class UploadRefused(ChatError):
    code = "upload_refused"
    http_status = 409
    text = "This file cannot be sent."


class UploadTooLarge(ChatError):
    code = "upload_too_large"
    http_status = 413
    text = "The file is too large."


class ChecksumMismatch(ChatError):
    code = "checksum_mismatch"
    http_status = 460  # tus has it
    text = "These are not the bytes that the checksum is of."


class UnsupportedType(ChatError):
    code = "unsupported_type"
    http_status = 415
    text = "The body is of a type that is not taken here."


class TusUnsupported(ChatError):
    code = "tus_unsupported"
    http_status = 412
    text = "This server speaks version 1.0.0 of tus: the header Tus-Resumable says so."


class UploadsOff(ChatError):
    code = "uploads_off"
    http_status = 404
    text = "This server takes no files."


class UploadNotReady(ChatError):
    code = "upload_not_ready"
    retryable = True
    http_status = 409
    text = "The file is not ready yet; try again in a moment."


class RoomBusy(ChatError):
    code = "room_busy"
    retryable = True
    http_status = 503
    text = "The room has more to do than it can; try again in a moment."


class RateLimited(ChatError):
    code = "rate_limited"
    retryable = True
    http_status = 429
    text = "That was too fast."


class SlowMode(ChatError):
    code = "slow_mode"
    retryable = True
    http_status = 429
    text = "The room is in slow mode."


class TooManyConnections(ChatError):
    code = "too_many_connections"
    retryable = True
    http_status = 429
    text = "There are too many open connections."


class Draining(ChatError):
    code = "draining"
    retryable = True
    http_status = 503
    text = "This server is about to stop; connect again."


class OwnerUnavailable(ChatError):
    code = "owner_unavailable"
    retryable = True
    http_status = 503
    text = "The room cannot be reached right now."


class StorageUnavailable(ChatError):
    code = "storage_unavailable"
    retryable = True
    http_status = 503
    text = "The storage cannot be reached right now."


class StorageFull(ChatError):
    code = "storage_full"
    retryable = True
    http_status = 503
    text = "The storage is full."


class Internal(ChatError):
    code = "internal"
    retryable = True
    http_status = 500


def wire_codes() -> list[str]:
    """Every code that a refusal may have, of this file and of all who derive from it."""
    return sorted({kind.code for kind in _with_descendants(ChatError)})


def error_of(code: str, message: str, **more: Any) -> ChatError:
    """A refusal that came from elsewhere, by its code; of one that only others know: ``Internal``."""
    kind = next((kind for kind in _with_descendants(ChatError) if kind.code == code), Internal)
    return kind(message, **more)


def _with_descendants(kind: type[ChatError]) -> Iterator[type[ChatError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _with_descendants(child)
