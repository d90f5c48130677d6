"""On the wire: how far one has read."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from chatapp.protocol.aspect import Named, Words
from chatapp.protocol.forms import Ack, RoomRequest, Seq
from chatapp.rooms.reading import ReadAt, ReadMoved


class ReadAck(Ack, frozen=True, kw_only=True):
    seq: int


class ReadRequest(RoomRequest, frozen=True, kw_only=True):
    """I have read up to here. The cursor never goes back."""

    event: ClassVar[str] = "read"
    ack: ClassVar[type[Ack]] = ReadAck

    seq: Seq


class ReadSignal(msgspec.Struct, frozen=True, kw_only=True):
    """One's own read cursor moved, here or on another device; `user` is one's own id."""

    room: str
    user: str
    seq: int


def read_ack(read: ReadAt) -> ReadAck:
    return ReadAck(seq=read.seq)


def _read(room_id: str, moved: ReadMoved) -> Named:
    return "read", ReadSignal(room=room_id, user=moved.user_id, seq=moved.seq)


WORDS = Words(requests=(ReadRequest,), signals={"read": ReadSignal}, told={ReadMoved: _read})
