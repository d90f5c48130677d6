"""From a value to the bytes of the wire, once for everybody who will receive them.

Each function gives the JSON array that follows a Socket.IO packet's type, namespace and id:
`["event",{…}]` for an event, `[{…}]` for an ack. Who holds the socket puts its own few bytes
before it. A stored body is copied in as it is, never decoded.
"""

from __future__ import annotations

import msgspec

from chatapp.protocol.answers import Ack, Refused
from chatapp.protocol.signals import (
    Bye,
    Hello,
    Notice,
    ReadSignal,
    Resync,
    TypingSignal,
    User,
    log_event,
    presence_signal,
)
from chatapp.rooms.attendance.presence import PresenceChanged
from chatapp.rooms.attendance.typists import TypingChanged
from chatapp.rooms.events import Broadcast, RoomEvent
from chatapp.rooms.reading import ReadMoved

_encode = msgspec.json.Encoder().encode


def encode_broadcast(room_id: str, broadcast: Broadcast) -> bytes | None:
    """An event or a signal of a room; None for what only the plain dialect tells."""
    match broadcast:
        case RoomEvent():
            return _encode(("event", log_event(broadcast)))
        case PresenceChanged():
            return _encode(("presence", presence_signal(room_id, broadcast)))
        case TypingChanged(people=people, ttl_ms=ttl_ms):
            users = [User(id=person.id, name=person.name) for person in people]
            return _encode(("typing", TypingSignal(room=room_id, users=users, ttl_ms=ttl_ms)))
        case ReadMoved(user_id=user_id, seq=seq):
            return _encode(("read", ReadSignal(room=room_id, user=user_id, seq=seq)))
        case _:
            return None


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
