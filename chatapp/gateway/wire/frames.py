"""RFC 6455 frames as pure bytes: what a client sends taken apart, what the server sends put together.

The parser takes bytes as they come and gives whole messages. It never holds more than one message
of ``max_bytes`` and what one read brought, however the client cuts its frames, and whatever comes
in, it raises nothing but ``ProtocolError`` with the close code that belongs to it. No extension is
ever negotiated, so a reserved bit is an error.
"""

from __future__ import annotations

import msgspec

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA

NORMAL, GOING_AWAY, PROTOCOL_ERROR, UNSUPPORTED_DATA = 1000, 1001, 1002, 1003
INVALID_TEXT, POLICY, TOO_BIG, INTERNAL_ERROR = 1007, 1008, 1009, 1011
SERVICE_RESTART, TRY_AGAIN_LATER = 1012, 1013

_DATA = (TEXT, BINARY)
_CONTROL = (CLOSE, PING, PONG)
_FIN, _RESERVED, _OPCODE, _MASKED, _LENGTH = 0x80, 0x70, 0x0F, 0x80, 0x7F
_MAX_CONTROL_BYTES = 125


class ProtocolError(Exception):
    """The client broke the protocol; close the connection with ``close_code``."""

    def __init__(self, close_code: int, reason: str) -> None:
        super().__init__(reason)
        self.close_code = close_code


class Message(msgspec.Struct, frozen=True, gc=False):
    """``TEXT`` with its string, or another opcode with its bytes.

    ``CONTINUATION`` is a fragment put aside: nothing to do, but it counts as work. A ``CLOSE`` has
    been checked; its bytes can be sent back as they are.
    """

    opcode: int
    content: str | bytes


class Parser:
    __slots__ = ("_at", "_buffer", "_fragments", "_max_bytes", "_started")

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._buffer = b""
        self._at = 0
        self._started: int | None = None  # opcode of a message whose fragments are coming in
        self._fragments = bytearray()

    def feed(self, received: bytes) -> None:
        """Add what was read. Feed again only when ``next_message`` has said None."""
        self._buffer = self._buffer[self._at :] + received
        self._at = 0

    def next_message(self) -> Message | None:
        """The next message or fragment, or None while more bytes are needed."""
        buffer, at = self._buffer, self._at
        available = len(buffer) - at
        if available < 2:
            return None
        first, second = buffer[at], buffer[at + 1]
        self._check_head(first, second)
        header = 2
        length = second & _LENGTH
        if length > 125:
            header = 4 if length == 126 else 10
            if available < header:
                return None
            length = self._long_length(buffer[at + 2 : at + header])
        self._check_length(first & _OPCODE, length)
        start = at + header + 4
        if len(buffer) < start + length:
            return None
        self._at = start + length
        payload = _unmask(buffer[start : start + length], buffer[start - 4 : start])
        return self._take(first & _OPCODE, bool(first & _FIN), payload)

    def _check_head(self, first: int, second: int) -> None:
        opcode = first & _OPCODE
        if first & _RESERVED:
            raise ProtocolError(PROTOCOL_ERROR, "reserved bit")
        if not second & _MASKED:
            raise ProtocolError(PROTOCOL_ERROR, "unmasked frame")
        if opcode in _CONTROL:
            if not first & _FIN or second & _LENGTH > _MAX_CONTROL_BYTES:
                raise ProtocolError(PROTOCOL_ERROR, "fragmented or long control frame")
        elif opcode == CONTINUATION:
            if self._started is None:
                raise ProtocolError(PROTOCOL_ERROR, "nothing to continue")
        elif opcode not in _DATA:
            raise ProtocolError(PROTOCOL_ERROR, "unknown opcode")
        elif self._started is not None:
            raise ProtocolError(PROTOCOL_ERROR, "new message inside a fragmented one")

    def _long_length(self, encoded: bytes) -> int:
        length = int.from_bytes(encoded, "big")
        if length < (126 if len(encoded) == 2 else 65_536):
            raise ProtocolError(PROTOCOL_ERROR, "length not in its shortest form")
        return length

    def _check_length(self, opcode: int, length: int) -> None:
        # Before the payload is there: nobody makes us collect what will be refused.
        if opcode not in _CONTROL and len(self._fragments) + length > self._max_bytes:
            raise ProtocolError(TOO_BIG, "message too big")

    def _take(self, opcode: int, is_final: bool, payload: bytes) -> Message:
        if opcode == CLOSE:
            _check_close(payload)
        if opcode in _CONTROL:
            return Message(opcode, payload)
        if not is_final:
            self._started = self._started or opcode
            self._fragments += payload
            return Message(CONTINUATION, b"")
        if opcode == CONTINUATION:
            assert self._started is not None  # _check_head saw to it
            opcode, payload = self._started, bytes(self._fragments + payload)
            self._started, self._fragments = None, bytearray()
        return Message(opcode, _text(payload) if opcode == TEXT else payload)


def frame(opcode: int, payload: bytes = b"") -> bytes:
    """A whole frame as the server sends it: final, unmasked."""
    length = len(payload)
    if length < 126:
        return bytes((_FIN | opcode, length)) + payload
    if length < 65_536:
        return bytes((_FIN | opcode, 126)) + length.to_bytes(2, "big") + payload
    return bytes((_FIN | opcode, 127)) + length.to_bytes(8, "big") + payload


def close_frame(code: int, reason: str = "") -> bytes:
    return frame(CLOSE, code.to_bytes(2, "big") + reason.encode())


def _unmask(payload: bytes, mask: bytes) -> bytes:
    # As one number: a loop over the bytes takes sixty times as long.
    length = len(payload)
    key = (mask * (length // 4 + 1))[:length]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(length, "big")


def _text(payload: bytes) -> str:
    try:
        return payload.decode()
    except UnicodeDecodeError as error:
        raise ProtocolError(INVALID_TEXT, "text is not UTF-8") from error


def _check_close(payload: bytes) -> None:
    if not payload:
        return
    code = int.from_bytes(payload[:2], "big")
    if len(payload) == 1 or not (1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999):
        raise ProtocolError(PROTOCOL_ERROR, "bad close code")
    _text(payload[2:])
