"""The head of an HTTP/1.1 request, read as RFC 9112 has it and no other way.

Whatever two programs in a row could read in two ways (where a request ends, which header counts) is
refused, because that is how one visitor's bytes become the beginning of another's request. So a
head that was read here says the same to everybody behind it. Pure: bytes in, a ``Head`` or a
``NotARequest`` out.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

LONGEST_HEAD = 32 * 1024  # browsers keep all cookies of a site below it
LONGEST_LINE = 8_000  # what is behind reads lines up to 8,192 bytes
MOST_FIELDS = 90  # what is behind counts to 100

_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_REQUEST_LINE = re.compile(rb"(%s) ([^\x00-\x20\x7f]+) HTTP/([0-9])\.([0-9])" % _TOKEN)
_FIELD = re.compile(rb"(%s):([^\x00-\x08\x0a-\x1f\x7f]*)" % _TOKEN)
_LENGTH = re.compile(rb"[0-9]{1,15}")
_HOST = re.compile(rb"(?:\[[0-9A-Fa-f:.]+\]|[\w.~!$&'()*+,;=%\-]*)(?::[0-9]{0,5})?", re.ASCII)
_ABSOLUTE = re.compile(rb"https?://([^/?#@]+)([/?].*)?", re.IGNORECASE)
_LONE_LF = re.compile(rb"(?<!\r)\n")
_ONLY_ONCE = (b"content-length", b"transfer-encoding", b"host", b"expect")


class NotARequest(Exception):
    """Refused before anybody has seen it; the connection is closed behind the answer."""

    def __init__(self, message: str, status: str = "400 Bad Request", code: str = "bad_request") -> None:
        super().__init__(message)
        self.answer = refusal(status, code, message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """``line`` and ``fields`` are what is handed on; how the body comes is said by the other three."""

    line: bytes
    fields: tuple[tuple[bytes, bytes], ...]
    length: int  # of the body; 0 also while it comes in chunks
    is_chunked: bool
    wants_to_be_asked: bool  # for its body: Expect: 100-continue

    @property
    def media_type(self) -> bytes:
        """What the body is said to be, in lower case, without parameters; of two headers the first counts."""
        return self._first(b"content-type").partition(b";")[0].strip().lower()

    @property
    def is_upgrade(self) -> bool:
        """Whether it asks for a WebSocket."""
        return self._first(b"upgrade").lower() == b"websocket"

    def encode(self, length: int) -> bytes:
        """The head again, for a body of this length that has come."""
        lines = [self.line, *(b"%s: %s" % field for field in self.fields)]
        if length:
            lines.append(b"Content-Length: %d" % length)
        return b"\r\n".join([*lines, b"", b""])

    def _first(self, field: bytes) -> bytes:
        return next((value for name, value in self.fields if name.lower() == field), b"")


def end_of_head(buffer: bytes | bytearray, searched: int = 0) -> int:
    """Where the body begins, -1 if more has to come; ``searched`` bytes were looked at before."""
    start = max(0, searched - 3)
    end = buffer.find(b"\r\n\r\n", start)
    if _LONE_LF.search(buffer, start, end + 4 if end >= 0 else len(buffer)):
        raise NotARequest("A line of a request ends with CR and LF.")
    if (end if end >= 0 else len(buffer)) > LONGEST_HEAD:
        raise _too_large("The head of the request is too large.")
    return end + 4 if end >= 0 else -1


def read_head(head: bytes) -> Head:
    """``head`` goes up to the empty line. Raises ``NotARequest``."""
    line, *rest = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    if len(line) > LONGEST_LINE:
        raise NotARequest("The address is too long.", "414 URI Too Long", "too_long")
    if len(rest) > MOST_FIELDS:
        raise _too_large("The request has too many headers.")
    fields = [_field(text) for text in rest]
    found = _those_that_count(fields)
    method, target, minor = _request_line(line)
    if minor and b"host" not in found:
        raise NotARequest("A request of HTTP/1.1 has a Host header.")
    if not _HOST.fullmatch(found.get(b"host", b"")):
        raise NotARequest("The Host header names no host.")
    target, host = _origin_form(method, target)
    if host is not None:
        fields = [(b"Host", host), *(field for field in fields if field[0].lower() != b"host")]
    is_chunked = _is_chunked(found, minor)
    return Head(
        line=b"%s %s HTTP/1.%d" % (method, target, minor),
        fields=tuple(
            (name, value)
            for name, value in fields
            if name.lower() not in (b"content-length", b"transfer-encoding", b"expect")
        ),
        length=_length(found),
        is_chunked=is_chunked,
        wants_to_be_asked=_wants_to_be_asked(found, minor),
    )


def refusal(
    status: str, code: str, message: str, retry_after: int | None = None, scope: str | None = None
) -> bytes:
    """A whole answer, after which the connection is closed; ``scope`` says who is over the limit."""
    error: dict[str, object] = {"code": code, "message": message, "retryable": retry_after is not None}
    if scope is not None:
        error["scope"] = scope
    again = ""
    if retry_after is not None:
        error["retry_after_ms"] = retry_after * 1000
        again = f"Retry-After: {retry_after}\r\n"
    body = json.dumps({"error": error})
    return (
        f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nCache-Control: no-store\r\n"
        f"{again}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}"
    ).encode()


def _request_line(line: bytes) -> tuple[bytes, bytes, int]:
    found = _REQUEST_LINE.fullmatch(line)
    if found is None:
        raise NotARequest("The first line of a request is a method, an address and the version of HTTP.")
    if found[3] != b"1":
        raise NotARequest(
            "This server speaks HTTP/1.1.", "505 HTTP Version Not Supported", "protocol_unsupported"
        )
    return found[1], found[2], min(int(found[4]), 1)


def _field(line: bytes) -> tuple[bytes, bytes]:
    found = _FIELD.fullmatch(line)
    if found is None:  # also a line that goes on with the one before: it begins with a space
        raise NotARequest("A header is a name, a colon and a value without control characters.")
    if len(line) > LONGEST_LINE:
        raise _too_large("A header of the request is too long.")
    return found[1], found[2].strip(b" \t")


def _those_that_count(fields: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for name, value in fields:
        lower = name.lower()
        if lower in _ONLY_ONCE:
            if lower in found:
                raise NotARequest(f"There is more than one {lower.decode().title()} header.")
            found[lower] = value
    return found


def _origin_form(method: bytes, target: bytes) -> tuple[bytes, bytes | None]:
    """The path and query; the host too where the address names it, which then counts alone."""
    if target.startswith(b"/") or (target == b"*" and method == b"OPTIONS"):
        return target, None
    found = _ABSOLUTE.fullmatch(target)
    if found is None or not _HOST.fullmatch(found[1]):
        raise NotARequest("The address of a request is a path, or begins with http://.")
    rest = found[2] or b"/"
    return (rest if rest.startswith(b"/") else b"/" + rest), found[1]


def _length(found: dict[bytes, bytes]) -> int:
    text = found.get(b"content-length", b"0")
    if not _LENGTH.fullmatch(text):
        raise NotARequest("Content-Length is a number of digits and no more.")
    return int(text)


def _is_chunked(found: dict[bytes, bytes], minor: int) -> bool:
    coding = found.get(b"transfer-encoding")
    if coding is None:
        return False
    if b"content-length" in found or minor == 0:
        raise NotARequest("Transfer-Encoding stands alone, and in HTTP/1.1 only.")
    if coding.lower() != b"chunked":
        raise NotARequest("The only Transfer-Encoding here is chunked.", "501 Not Implemented", "unsupported")
    return True


def _wants_to_be_asked(found: dict[bytes, bytes], minor: int) -> bool:
    expectation = found.get(b"expect")
    if expectation is None or minor == 0:
        return False
    if expectation.lower() != b"100-continue":
        raise NotARequest(
            "Nothing but 100-continue can be expected.", "417 Expectation Failed", "unsupported"
        )
    return True


def _too_large(message: str) -> NotARequest:
    return NotARequest(message, "431 Request Header Fields Too Large", "too_long")
