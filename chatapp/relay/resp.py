"""RESP3, the language of Redis, as far as publishing and subscribing go.

https://redis.io/docs/latest/develop/reference/protocol-spec/
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_CRLF = b"\r\n"


class RedisError(Exception):
    """Redis refused a command; the message is its own."""


class Push(list[Any]):
    """What Redis says unasked, such as a message of a channel."""


class _Incomplete(Exception):
    pass


def command(*parts: bytes) -> bytes:
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%b\r\n" % (len(part), part) for part in parts)


class Parser:
    """Takes what came in, however it was cut, and gives whole values.

    Text and numbers come as they are, errors as ``RedisError`` values, arrays and maps as lists.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, received: bytes) -> Sequence[Any]:
        """Raises ValueError for what is not RESP."""
        self._buffer += received
        values, at = [], 0
        while at < len(self._buffer):
            try:
                value, at = self._value(at)
            except _Incomplete:
                break
            values.append(value)
        del self._buffer[:at]
        return values

    def _value(self, at: int) -> tuple[Any, int]:
        end = self._buffer.find(_CRLF, at)
        if end < 0:
            raise _Incomplete
        kind, line, behind = self._buffer[at : at + 1], bytes(self._buffer[at + 1 : end]), end + 2
        if kind in b"+(,":
            return line, behind
        if kind == b"-":
            return RedisError(line.decode(errors="replace")), behind
        if kind in b":#":
            return (int(line) if kind == b":" else line == b"t"), behind
        if kind in b"$=!":
            return self._bulk(int(line), behind)
        if kind in b"*~>%":
            return self._many(kind, int(line), behind)
        if kind == b"_":
            return None, behind
        raise ValueError(f"not RESP: {bytes(kind)!r}")

    def _bulk(self, length: int, at: int) -> tuple[bytes | None, int]:
        if length < 0:
            return None, at
        if len(self._buffer) < at + length + 2:
            raise _Incomplete
        return bytes(self._buffer[at : at + length]), at + length + 2

    def _many(self, kind: bytes | bytearray, count: int, at: int) -> tuple[list[Any], int]:
        values: list[Any] = Push() if kind == b">" else []
        for _ in range(2 * count if kind == b"%" else count):
            value, at = self._value(at)
            values.append(value)
        return values, at
