"""From a value to the bytes of the wire, once for everybody who will receive them.

Each function gives the JSON array that follows a Socket.IO packet's type, namespace and id:
`["event",{…}]` for an event, `[{…}]` for an ack. Who holds the socket puts its own few bytes
before it. A stored body is copied in as it is, never decoded.
"""

from __future__ import annotations

import msgspec

from chatapp.protocol.catalogue import TOLD
from chatapp.protocol.connection import Bye, Hello, Notice, Resync
from chatapp.protocol.forms import Ack
from chatapp.protocol.refusals import Refused
from chatapp.rooms.events import Broadcast

_encode = msgspec.json.Encoder().encode


def encode_broadcast(room_id: str, broadcast: Broadcast) -> bytes | None:
    """An event or a signal of a room; None for what only the plain dialect tells."""
    told = TOLD.get(type(broadcast))
    return None if told is None else _encode(told(room_id, broadcast))


def encode_hello(hello: Hello) -> bytes:
    return _encode(("hello", hello))


def encode_resync(resync: Resync) -> bytes:
    return _encode(("resync", resync))


def encode_notice(notice: Notice) -> bytes:
    return _encode(("notice", notice))


def encode_bye(bye: Bye) -> bytes:
    return _encode(("bye", bye))


def encode_ack(ack: Ack | Refused) -> bytes:
    return _encode((ack,))
