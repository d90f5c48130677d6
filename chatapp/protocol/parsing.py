"""The only way from what a stranger sent to a request.

Whatever comes in, the outcome is a valid struct or a `ChatError` that names the field.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

import msgspec

from chatapp.errors import BadRequest, UnknownEvent, Unsupported
from chatapp.protocol.requests import NOT_OFFERED, REQUESTS, Request

Payload = TypeVar("Payload", bound=msgspec.Struct)


def parse(name: object, args: Sequence[object]) -> Request:
    """The request that an event carries; `args` is what came beside its name.

    Raises `UnknownEvent`, `Unsupported`, `BadRequest`, `Empty` or `TooLong`.
    """
    if not isinstance(name, str):
        raise UnknownEvent
    if name in NOT_OFFERED:
        raise Unsupported
    request = REQUESTS.get(name)
    if request is None:
        raise UnknownEvent
    if len(args) != 1:
        raise BadRequest("An event carries exactly one object.")
    return parse_as(request, args[0])


def parse_as(kind: type[Payload], payload: object, *, strict: bool = True) -> Payload:
    """A decoded JSON value as a struct; `BadRequest` names the field that is wrong."""
    try:
        return msgspec.convert(payload, kind, strict=strict)
    except msgspec.ValidationError as error:
        raise _bad_request(str(error)) from None


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
