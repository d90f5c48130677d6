"""Peer messages as bytes (msgpack), and back: the types say what may come in.

A refusal travels as its code and becomes the same kind of ``ChatError`` again.
"""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

import msgspec
from msgspec import defstruct

from chatapp.errors import ChatError, error_of
from chatapp.kernel.peer_messages import Answered, Forward, Moved, OutOfStep
from chatapp.relay.peer_messages import Aside, Delivery, Heads, OpenCounts, Takes
from chatapp.rooms.room import ANSWERS, COMMANDS

PeerMessage = Forward | Answered | Delivery | Heads | Aside | Takes | OpenCounts


class _Refusal(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    code: str
    message: str
    retry_after_ms: int | None
    field: str | None
    extra: dict[str, Any]


# By their types alone, as the room has them: a kind that is not named there cannot be said from afar.
_Said: Any = reduce(or_, COMMANDS)
_Answer: Any = reduce(or_, (*ANSWERS, _Refusal, Moved, OutOfStep, None))

_Forward = defstruct(
    "_Forward",
    [("command", _Said)],
    bases=(Forward,),
    frozen=True,
    kw_only=True,
    tag="Forward",
)
_Answered = defstruct(
    "_Answered",
    [("answer", _Answer)],
    bases=(Answered,),
    frozen=True,
    kw_only=True,
    tag="Answered",
)
_Aside = defstruct("_Aside", [("command", _Said)], bases=(Aside,), frozen=True, kw_only=True, tag="Aside")


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
    if isinstance(peer_message, Answered) and isinstance(peer_message.answer, _Refusal):
        return msgspec.structs.replace(peer_message, answer=_as_error(peer_message.answer))
    return peer_message


def _as_error(refusal: _Refusal) -> ChatError:
    more: dict[str, Any] = {"retry_after_ms": refusal.retry_after_ms, "field": refusal.field}
    return error_of(refusal.code, refusal.message, **more, **refusal.extra)
