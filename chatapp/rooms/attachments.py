"""Attachments: a session's small value, kept as JSON text and never looked into."""

from __future__ import annotations

import msgspec

from chatapp.errors import BadRequest, TooLong

_as_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def refuse_too_long(text: str, limit_bytes: int, *, field: str) -> None:
    if len(text.encode()) > limit_bytes:
        raise TooLong(f"An attachment holds at most {limit_bytes} bytes.", field=field)


def merged(current: str | None, patch: str) -> str:
    """RFC 7396, one level deep: given keys are set, null removes one, the others stay."""
    try:
        changes = _as_object(patch)
    except msgspec.DecodeError:
        raise BadRequest("Only an object can be merged.", field="merge") from None
    try:
        value = _as_object(current or "{}")
    except msgspec.DecodeError:  # what is no object has no keys to keep
        value = {}
    value |= changes
    return msgspec.json.encode({k: v for k, v in value.items() if bytes(v) != b"null"}).decode()
