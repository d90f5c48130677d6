"""The wire as a client sees it: WebSocket frames around Socket.IO packets, as little as is needed.

Written for speed in one direction each: what is sent is small and masked, what arrives is unmasked
and may come in any pieces. It reads what an honest server sends and raises on everything else.
"""

from __future__ import annotations

import os
import struct

import msgspec

NAMESPACE = b"/chat"
PING = b"2"
PONG = b"3"
PING_FRAME = b"\x81\x012"
EVENT = b"42/chat,"
ACK = b"43/chat,"
REFUSED = b"44/chat,"
LET_IN = b"40/chat"
LOG_EVENT = b'42/chat,["event",'
HELLO = b'42/chat,["hello",'

_TEXT = 0x81
_CLOSE = 0x88


class Broken(Exception):
    """The server sent what it may not send, or ended a connection."""


class LogEvent(msgspec.Struct):
    """What the generator needs of an event; the rest is skipped while decoding."""

    seq: int
    client_id: str


class Answer(msgspec.Struct):
    """Of an ack: whether it is a yes, the head that a join's ack names, and what a search has found."""

    ok: bool = False
    head: int = 0
    searched_to: int = 0
    more_before: bool = False
    events: list[msgspec.Raw] = []
    error: msgspec.Raw = msgspec.Raw(b"")


decode_event = msgspec.json.Decoder(LogEvent).decode
decode_answer = msgspec.json.Decoder(Answer).decode
encode_json = msgspec.json.encode


class Mask:
    """Masks frames with one key per connection: the server must do the work of unmasking."""

    def __init__(self) -> None:
        self._key = os.urandom(4)

    def frame(self, payload: bytes) -> bytes:
        size = len(payload)
        key = int.from_bytes((self._key * (size // 4 + 1))[:size], "little")
        masked = (int.from_bytes(payload, "little") ^ key).to_bytes(size, "little")
        return _head(size) + self._key + masked


def _head(size: int) -> bytes:
    if size < 126:
        return bytes((_TEXT, 0x80 | size))
    if size < 65536:
        return struct.pack(">BBH", _TEXT, 0x80 | 126, size)
    return struct.pack(">BBQ", _TEXT, 0x80 | 127, size)


class FrameReader:
    """Cuts a stream into the payloads of its text frames. ``rest`` is the beginning of a frame."""

    __slots__ = ("rest",)

    def __init__(self) -> None:
        self.rest = b""

    def feed(self, chunk: bytes) -> list[bytes]:
        """Raises ``Broken`` for what this client has not asked for: binary, fragments, a close."""
        data = self.rest + chunk if self.rest else chunk
        payloads: list[bytes] = []
        at, end = 0, len(data)
        while end - at >= 2:
            if data[at] != _TEXT:
                raise Broken(_strange(data[at]))
            size, start = data[at + 1], at + 2
            if size >= 126:
                width = 2 if size == 126 else 8
                if end - start < width:
                    break
                size = int.from_bytes(data[start : start + width], "big")
                start += width
            if end - start < size:
                break
            at = start + size
            payloads.append(data[start:at])
        self.rest = data[at:]
        return payloads


def _strange(first: int) -> str:
    if first == _CLOSE:
        return "the server closed the connection"
    return f"a frame that begins with {first:#x}"


class PingFinder:
    """Finds the server's ping in bytes that nobody decodes, also when it comes in two pieces.

    Text of ours is ASCII and no other frame is that short, so these three bytes are nothing else.
    """

    __slots__ = ("_carry",)

    def __init__(self) -> None:
        self._carry = b""

    def is_in(self, chunk: bytes) -> bool:
        near = self._carry + chunk
        is_found = PING_FRAME in near
        self._carry = b"" if is_found else near[1 - len(PING_FRAME) :]
        return is_found


def frame_size(payload: bytes) -> int:
    """The bytes of the frame, as a server sends it, around this payload."""
    size = len(payload)
    return size + (2 if size < 126 else 4 if size < 65536 else 10)


def ack_id(payload: bytes) -> tuple[int, bytes]:
    """The id of an ACK packet, and its one argument as JSON."""
    bracket = payload.index(b"[")
    return int(payload[len(ACK) : bracket]), payload[bracket + 1 : -1]


def call(number: int, event: bytes, argument: bytes) -> bytes:
    """An EVENT packet that asks for the ack of this number."""
    return b'42/chat,%d["%s",%s]' % (number, event, argument)


def upgrade_request(host: str, port: int, room: str) -> bytes:
    return (
        f"GET /socket.io/?EIO=4&transport=websocket&room={room} HTTP/1.1\r\n"
        f"Host: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    ).encode()
