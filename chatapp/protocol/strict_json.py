"""JSON from strangers, without the corners in which parsers disagree.

Refused: NaN and infinities (every browser in the room would choke on them, at each reload),
duplicate keys, NUL and lone surrogates (a database aborts the whole batch for them), integers
that JavaScript would round, more than 16 levels, and what is not JSON at all. Every refusal is
`bad_request`; no input raises anything else.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

import msgspec

from chatapp import limits
from chatapp.errors import BadRequest, TooLong

_SURROGATE = re.compile("[\ud800-\udfff]")


def decode_json(text: str | bytes) -> Any:
    """The value of a JSON text; raises `BadRequest`."""
    usual = _decode_usual(text)
    return _decode_closely(text) if usual is None else usual


def _decode_usual(text: str | bytes) -> Any | None:
    """What nearly every client sends, at a third of the price; None: look closely.

    Usual is an object of texts and truths, or a list of texts and such objects, without escapes and
    without white space behind a quotation mark. Then every quotation mark begins or ends a string,
    and `":` stands behind each key: if there are as many of them as members, no key was there twice.
    """
    if not isinstance(text, str) or "\\" in text or '" ' in text:
        return None
    if '"\t' in text or '"\n' in text or '"\r' in text:
        return None
    try:
        value = _decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None
    members = 0
    for part in value if type(value) is list else (value,):
        if type(part) is dict:
            if not _HARMLESS.issuperset(map(type, part.values())):
                return None
            members += len(part)
        elif type(part) is not str:
            return None
    return value if members == text.count('":') else None


def _decode_closely(text: str | bytes) -> Any:
    try:
        value = _DECODER.decode(text if isinstance(text, str) else str(text, "utf-8"))
    except UnicodeDecodeError:
        raise BadRequest("The text is not UTF-8.") from None
    except RecursionError:
        raise BadRequest(_TOO_DEEP) from None
    except ValueError:  # also a number of thousands of digits
        raise BadRequest("The text is not valid JSON.") from None
    check_json(value)
    return value


def check_json(value: object, depth: int = limits.JSON_DEPTH) -> None:
    """Refuse a decoded value that must not be stored or passed on."""
    # The order is that of frequency: this runs for each member of each frame.
    if isinstance(value, str):
        check_text(value)
    elif isinstance(value, dict):
        if depth == 0:
            raise BadRequest(_TOO_DEEP)
        for key, member in value.items():
            check_text(key)
            check_json(member, depth - 1)
    elif isinstance(value, list):
        if depth == 0:
            raise BadRequest(_TOO_DEEP)
        for member in value:
            check_json(member, depth - 1)
    elif isinstance(value, int):  # bool as well
        if abs(value) > limits.LARGEST_INTEGER:
            raise BadRequest("An integer is beyond 2^53, where not every reader is exact.")
    elif isinstance(value, float):
        if not math.isfinite(value):  # Python's decoder lets NaN and Infinity through
            raise BadRequest("A number is not finite.")
    elif value is not None:
        raise BadRequest("Only JSON is accepted here, no binary.")


def check_text(text: str, field: str | None = None) -> None:
    # Two looks that cost next to nothing spare most text the slow one.
    if "\x00" in text or not (text.isascii() or _SURROGATE.search(text) is None):
        raise BadRequest("Text must not contain NUL or half a surrogate pair.", field=field)


def json_text(value: object, *, field: str) -> str:
    """An attachment as the JSON text that is kept; raises `BadRequest` or `TooLong`."""
    try:
        check_json(value)
    except BadRequest as error:
        raise BadRequest(error.message, field=field) from None
    encoded = msgspec.json.encode(value)
    if len(encoded) > limits.ATTACHMENT_BYTES:
        raise TooLong(f"An attachment has at most {limits.ATTACHMENT_BYTES} bytes of JSON.", field=field)
    return encoded.decode()


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("duplicate key")
    return members


_HARMLESS = frozenset((str, bool, type(None)))
_decode = msgspec.json.Decoder().decode
_DECODER = json.JSONDecoder(object_pairs_hook=_members)
_TOO_DEEP = f"The JSON is nested deeper than {limits.JSON_DEPTH} levels."
