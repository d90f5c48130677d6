"""From what a stranger sent to a struct: whatever comes in, the outcome is valid, or a `BadRequest`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar

import msgspec

from chatapp.errors import BadRequest

Payload = TypeVar("Payload", bound=msgspec.Struct)


def parse_as(kind: type[Payload], payload: object, *, strict: bool = True) -> Payload:
    """A decoded JSON value as a struct; `BadRequest` names the field that is wrong."""
    try:
        return msgspec.convert(payload, kind, strict=strict)
    except msgspec.ValidationError as error:
        raise _bad_request(str(error)) from None


def parse_query(kind: type[Payload], room: str, query: Mapping[str, str]) -> Payload:
    """A request whose fields came as text in a URL. Whatever else stands there is ignored."""
    asked = {name: query[name] for name in kind.__struct_fields__ if name in query}
    return parse_as(kind, {**asked, "room": room}, strict=False)


_MISSING = re.compile(r"missing required field `(.+?)`")
_PATH = re.compile(r" - at `\$\.?(.*?)(?:\[.*)?`$")


def _bad_request(text: str) -> BadRequest:
    """Msgspec says where it stumbled in words; a client wants the field by itself."""
    path = _PATH.search(text)
    missing = _MISSING.search(text)
    field = ".".join(part[1] for part in (path, missing) if part) or None
    if field is None:
        return BadRequest("An event carries exactly one object.")
    if missing:
        return BadRequest(f"The field {field} is missing.", field=field)
    reason = text.split(" - at ", maxsplit=1)[0].replace("`", "")
    return BadRequest(f"The field {field} is wrong: {reason[0].lower()}{reason[1:]}.", field=field)
