"""On the wire: files on their way into a room, by tus 1.0.0 (https://tus.io/protocols/resumable-upload).

Its extensions here are creation, creation-with-upload, expiration, termination and checksum. Everything that
it says stands in headers; what it does not say (is the picture looked at yet?) is JSON, by GET.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from typing import ClassVar, Literal, Protocol

from msgspec import UNSET, UnsetType

from chatapp.errors import BadRequest, TooLong, TusUnsupported, Unsupported
from chatapp.protocol.aspect import Route, Words
from chatapp.protocol.forms import Ack, Ms, Request, RoomRequest
from chatapp.rooms.messages.uploads import Upload

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,expiration,termination,checksum"
STREAM_TYPE = "application/offset+octet-stream"
METADATA_BYTES = 8_000
_KEYS = ("filename", "filetype", "alt")
_LARGEST = 2**53 - 1

State = Literal["receiving", "looking", "ready", "refused"]


class UploadStatus(Ack, frozen=True, kw_only=True):
    """How far a file has come. ``looking``: a picture that nobody has looked at yet; ``why`` it was refused.

    ``upload`` is what a message tells of it, once it is ``ready``; ``expires_at`` is when it goes unsent.
    """

    id: str
    state: State
    received: int
    size: int
    expires_at: Ms | UnsetType = UNSET
    why: str | UnsetType = UNSET
    upload: Upload | UnsetType = UNSET


class BeginUpload(RoomRequest, frozen=True, kw_only=True):
    """A new file. In headers: `Upload-Length`, and `Upload-Metadata` with `filename`, `filetype`, `alt`."""

    event: ClassVar[str] = "upload"
    ack: ClassVar[type[Ack]] = UploadStatus

    length: int
    metadata: str = ""
    checksum: str = ""
    version: str


class OfUpload(Request, frozen=True, kw_only=True):
    """A file that one has begun oneself."""

    event: ClassVar[str] = "upload-status"
    ack: ClassVar[type[Ack]] = UploadStatus

    upload: str
    offset: int
    checksum: str = ""
    version: str


def check_version(version: str | None) -> None:
    """Raises ``TusUnsupported``."""
    if version != VERSION:
        raise TusUnsupported(field="Tus-Resumable")


def parse_count(text: str | None, field: str) -> int:
    """Bytes, as a header has them. Raises ``BadRequest``."""
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 16 or int(text) > _LARGEST:
        raise BadRequest(f"The header {field} is a number of bytes.", field=field)
    return int(text)


class Headers(Protocol):
    def get(self, name: str) -> str | None: ...


def parse_length(headers: Headers) -> int:
    """How long a new file is. Raises ``BadRequest`` or ``Unsupported``."""
    if headers.get("Upload-Defer-Length") is not None:
        raise Unsupported("A file says how long it is when it begins.", field="Upload-Defer-Length")
    if headers.get("Upload-Concat") is not None:
        raise Unsupported("Files are not joined here.", field="Upload-Concat")
    length = parse_count(headers.get("Upload-Length"), "Upload-Length")
    if not length:
        raise BadRequest("A file has at least one byte.", field="Upload-Length")
    return length


def parse_metadata(text: str) -> dict[str, str]:
    """``filename``, ``filetype`` and ``alt``, those that are there; what else stands there is passed over."""
    if len(text) > METADATA_BYTES:
        raise TooLong("The header Upload-Metadata is too long.", field="Upload-Metadata")
    found: dict[str, str] = {}
    for pair in text.split(",") if text.strip() else ():
        key, _, value = pair.strip().partition(" ")
        if not key or key in found:
            raise BadRequest("Upload-Metadata has each key once.", field="Upload-Metadata")
        found[key] = _decoded(value)
    return {key: found[key] for key in _KEYS if key in found}


def _decoded(value: str) -> str:
    try:
        return b64decode(value.strip().encode(), validate=True).decode()
    except (binascii.Error, UnicodeError):
        raise BadRequest("A value of Upload-Metadata is UTF-8 in Base64.", field="Upload-Metadata") from None


def metadata(name: str, type: str, alt: str) -> str:
    """The header, for who asks by HEAD."""
    said = {"filename": name, "filetype": type, "alt": alt}
    return ",".join(f"{key} {b64encode(value.encode()).decode()}" for key, value in said.items() if value)


def parse_checksum(text: str, algorithms: tuple[str, ...]) -> tuple[str, bytes]:
    """The algorithm and the digest of ``Upload-Checksum``. Raises ``BadRequest``."""
    algorithm, _, digest = text.strip().partition(" ")
    if algorithm not in algorithms:
        raise BadRequest(f"A checksum is one of {', '.join(algorithms)}.", field="Upload-Checksum")
    try:
        return algorithm, b64decode(digest.strip().encode(), validate=True)
    except (binascii.Error, UnicodeError):
        raise BadRequest("A checksum is in Base64.", field="Upload-Checksum") from None


_OF_TUS = {"Tus-Resumable": "version"}
_AT = "/api/uploads/{upload}"

WORDS = Words(
    routes=(
        Route(
            method="POST",
            path="/api/rooms/{room}/uploads",
            summary=(
                "Begin a file (tus: creation). 201, with its address in `Location`; a body of "
                f"`{STREAM_TYPE}` is its beginning, or all of it."
            ),
            answer=UploadStatus,
            status=201,
            needs_token=True,
            request=BeginUpload,
            headers={
                **_OF_TUS,
                "Upload-Length": "length",
                "Upload-Metadata": "metadata",
                "Upload-Checksum": "checksum",
            },
            refuses=(400, 401, 403, 404, 412, 413, 415, 429, 460, 503),
        ),
        Route(
            method="GET",
            path=_AT,
            summary="How far a file has come, whether it may be sent, and what is told of it.",
            answer=UploadStatus,
            needs_token=True,
            request=OfUpload,
            refuses=(401, 404, 429, 503),
        ),
        Route(
            method="HEAD",
            path=_AT,
            summary="From where a file goes on: `Upload-Offset` (tus).",
            answer=None,
            needs_token=True,
            request=OfUpload,
            headers=_OF_TUS,
            refuses=(401, 404, 412, 429, 503),
        ),
        Route(
            method="PATCH",
            path=_AT,
            summary=f"More of a file, as `{STREAM_TYPE}`. 204, with the new `Upload-Offset` (tus).",
            answer=None,
            status=204,
            needs_token=True,
            request=OfUpload,
            headers={**_OF_TUS, "Upload-Offset": "offset", "Upload-Checksum": "checksum"},
            refuses=(400, 401, 403, 404, 409, 412, 413, 415, 429, 460, 503),
        ),
        Route(
            method="DELETE",
            path=_AT,
            summary="Give a file up that is in no message yet. 204 (tus: termination).",
            answer=None,
            status=204,
            needs_token=True,
            request=OfUpload,
            headers=_OF_TUS,
            refuses=(401, 403, 404, 412, 429, 503),
        ),
    ),
)
