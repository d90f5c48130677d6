"""Peer messages as bytes (msgpack), and back: the types say what may come in.

A refusal travels as its code and becomes the same kind of ``ChatError`` again.
"""

from __future__ import annotations

from typing import Any

import msgspec

from chatapp import errors
from chatapp.errors import ChatError, Internal
from chatapp.kernel.peer_messages import Answered, Forward, Moved, OutOfStep
from chatapp.relay.peer_messages import Aside, Delivery, Heads, OpenCounts, Takes
from chatapp.rooms import commands
from chatapp.rooms.events import Attached, Joined, Posted, Presence, ReadAt

PeerMessage = Forward | Answered | Delivery | Heads | Aside | Takes | OpenCounts


class _Refusal(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    code: str
    message: str
    retry_after_ms: int | None
    field: str | None
    extra: dict[str, Any]


Said = (  # every command but the kernel's own tick
    commands.Join
    | commands.Leave
    | commands.Disconnect
    | commands.SignOut
    | commands.PostMessage
    | commands.SetTyping
    | commands.MarkRead
    | commands.Attach
    | commands.GetPresence
    | commands.SyncSessions
)
_Answer = Posted | Joined | Presence | Attached | ReadAt | _Refusal | Moved | OutOfStep


class _Forward(Forward, frozen=True, kw_only=True, tag="Forward"):
    command: Said


class _Answered(Answered, frozen=True, kw_only=True, tag="Answered"):
    answer: _Answer | None


class _Aside(Aside, frozen=True, kw_only=True, tag="Aside"):
    command: Said


_KINDS = {
    kind.code: kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, ChatError)
}


def _stand_in(value: Any) -> Any:
    if isinstance(value, ChatError):
        return _Refusal(
            code=value.code,
            message=value.message,
            retry_after_ms=value.retry_after_ms,
            field=value.field,
            extra=value.extra,
        )
    raise NotImplementedError(f"{type(value).__name__} cannot be sent to another node")


_encode = msgspec.msgpack.Encoder(enc_hook=_stand_in).encode
_decode = msgspec.msgpack.Decoder(
    _Forward | _Answered | Delivery | Heads | _Aside | Takes | OpenCounts
).decode


def encode(peer_message: PeerMessage) -> bytes:
    return _encode(peer_message)


def decode(text: bytes) -> PeerMessage:
    """Raises ``msgspec.DecodeError`` for what is no peer message, as from a node of another version."""
    peer_message: PeerMessage = _decode(text)
    if isinstance(peer_message, _Answered) and isinstance(peer_message.answer, _Refusal):
        return msgspec.structs.replace(peer_message, answer=_as_error(peer_message.answer))
    return peer_message


def _as_error(refusal: _Refusal) -> ChatError:
    error = _KINDS.get(refusal.code, Internal)(refusal.message, **refusal.extra)
    error.retry_after_ms, error.field = refusal.retry_after_ms, refusal.field
    return error
