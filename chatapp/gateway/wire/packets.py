"""Socket.IO packets as text: the head is read at once, an event's JSON only when it may be.

Whether a connection may say anything at all is asked before its JSON is decoded, and JSON that is
refused costs the event and not the connection. So the packet class given to python-socketio leaves
an event's text as it is.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec
from socketio import packet

from chatapp.errors import BadRequest
from chatapp.protocol.strict_json import decode_json

_HEAD = re.compile(r"([0-3])(?:(/[^,?]*)[^,]*(?:,|$))?([0-9]{0,15})", re.ASCII)


class NotAPacket(ValueError):
    """What came is nothing that a client may send; also raised for JSON outside of events."""


class Head(msgspec.Struct, frozen=True, gc=False):
    kind: int
    namespace: str
    ack_id: int | None
    json_at: int  # where the packet's JSON begins


class WireJson:
    """JSON as python-socketio and python-engineio want it: a module with these two functions."""

    @staticmethod
    def dumps(value: object, **_options: object) -> str:
        return msgspec.json.encode(value).decode()

    @staticmethod
    def loads(text: str) -> Any:
        try:
            return decode_json(text)
        except BadRequest as error:
            raise NotAPacket(error.message) from None


class Packet(packet.Packet):
    """``data`` of an EVENT that came in is its JSON text, not yet decoded."""

    uses_binary_events = False
    json = WireJson

    def decode(self, encoded_packet: str) -> int:
        head = read_head(encoded_packet)
        self.packet_type, self.namespace, self.id = head.kind, head.namespace, head.ack_id
        data: Any = encoded_packet[head.json_at :]
        if head.kind != packet.EVENT:
            data = self.json.loads(data) if data else None
        self.data = data
        return 0


def read_head(text: str | bytes) -> Head:
    """Raises ``NotAPacket``, also for binary packets and for those that only a server sends."""
    match = _HEAD.match(text) if isinstance(text, str) else None
    if match is None:
        raise NotAPacket("not a Socket.IO packet of a client")
    kind, namespace, ack_id = match.groups()
    return Head(int(kind), namespace or "/", int(ack_id) if ack_id else None, match.end())


def check_json(text: str) -> None:
    """What stands behind a head that is no event's; raises ``NotAPacket``."""
    if text:
        WireJson.loads(text)


def event_bytes(namespace: str, array: bytes) -> bytes:
    """The packet of an event; ``array`` is the JSON of its name and arguments."""
    return b"2%s,%s" % (namespace.encode(), array)


def ack_bytes(namespace: str, ack_id: int, payload: object) -> bytes:
    return b"3%s,%d[%s]" % (namespace.encode(), ack_id, msgspec.json.encode(payload))
