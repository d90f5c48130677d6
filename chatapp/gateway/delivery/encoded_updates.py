"""Encoded updates: what a room says, once per dialect, for sockets here and for other nodes."""

from __future__ import annotations

from chatapp.protocol import encode_broadcast, encode_plain_broadcast
from chatapp.relay.peer_messages import EncodedUpdate
from chatapp.rooms.attendance.presence import PresenceChanged
from chatapp.rooms.events import Broadcast, RoomEvent


def encode_update(room_id: str, broadcast: Broadcast, *, with_plain: bool, site: str = "") -> EncodedUpdate:
    """``with_plain`` False spares a dialect that nobody listens in, whose links begin with ``site``."""
    return EncodedUpdate(
        seq=broadcast.seq if isinstance(broadcast, RoomEvent) else None,
        socketio=encode_broadcast(room_id, broadcast),
        plain=encode_plain_broadcast(broadcast, site) if with_plain else None,
        user_id=None if isinstance(broadcast, RoomEvent) else broadcast.only_for,
        presence=broadcast.version[1] if isinstance(broadcast, PresenceChanged) else None,
    )
