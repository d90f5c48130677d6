"""What a room says: events, signals and records.

An *event* has a place in the log, is stored, and reaches everybody exactly once. A *signal* is
told to whoever listens now; the last one wins. A *record* is stored beside the log, under the
same fence. The kinds of the latter two stand beside the aspects that make them.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec


class RoomEvent(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One row of a room's log.

    ``body`` is JSON, encoded once here and handed unread to storage and to the wire. ``ts`` is
    in ms and never falls along ``seq``. ``content_hash`` (16 bytes) is of the original content.

    ``rev`` is the seq of the last change to it, 0 if there was none. ``target`` is the seq of the message
    that it answers or changes, 0 if it is about none, and ``target_ts`` (ms) when that was said.
    """

    room_id: str
    seq: int
    type: str
    id: str
    ts: int
    user_id: str
    user_name: str
    client_id: str
    body: bytes
    content_hash: bytes = b""
    rev: int = 0
    target: int = 0
    target_ts: int = 0


class Signal(msgspec.Struct, frozen=True, kw_only=True):
    """Something about now."""

    @property
    def only_for(self) -> str | None:
        """The one person whose connections may hear it; None: everybody's."""
        return None


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Something to store; the store has a writer for its kind."""


Broadcast: TypeAlias = RoomEvent | Signal
