"""Packet dispatch: the way in for every Socket.IO packet, from either transport.

First the connection's budget, then the packet's head, then its JSON: what is refused costs no more
than it must. A refused event is told to the handler, which answers its ack; the connection stays.
Binary and nonsense end the connection that sent them. No request context, no greenlet: events are
handled in the order in which they came.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Protocol

from socketio import packet

from chatapp.errors import BadRequest, ChatError, Internal, Unsupported
from chatapp.gateway.wire import frames
from chatapp.gateway.wire.listeners import Listeners
from chatapp.gateway.wire.packets import NotAPacket, check_json, read_head
from chatapp.protocol import connect_refusal
from chatapp.protocol.strict_json import decode_json

log = logging.getLogger(__name__)


class Ack:
    """The answer to one event: call it once, at any later time. Further calls do nothing."""

    __slots__ = ("_ack_id", "_answer", "_eio_sid")

    def __init__(self, answer: Callable[[str, int, object], object], eio_sid: str, ack_id: int) -> None:
        self._answer: Callable[[str, int, object], object] | None = answer
        self._eio_sid = eio_sid
        self._ack_id = ack_id

    def __call__(self, payload: object) -> None:
        answer, self._answer = self._answer, None
        if answer is not None:
            answer(self._eio_sid, self._ack_id, payload)


class EventHandler(Protocol):
    """Where the namespace's events go. ``ack`` is None if the client asked for none."""

    def check(self, eio_sid: str) -> None:
        """Asked for every packet, before anything is decoded; refuses with a ``ChatError``."""
        ...

    def handle(self, eio_sid: str, sid: str, name: object, args: list[Any], ack: Ack | None) -> None:
        """One event; ``name`` is whatever stood there."""
        ...

    def refuse(self, eio_sid: str, error: ChatError, ack: Ack | None) -> None:
        """An event that ``check`` or its JSON ruled out."""
        ...

    def on_caught_up(self, eio_sid: str) -> None:
        """A lagging connection that lost broadcasts has now taken the rest. Must not wait."""
        ...


class PacketDispatch:
    """``pass_on`` is python-socketio's own handler, for all packets that are no events."""

    def __init__(
        self,
        namespace: str,
        listeners: Listeners,
        pass_on: Callable[[str, str], object],
        answer: Callable[[str, int, object], object],
        refuse_connect: Callable[[str, str, object], object],
        kick: Callable[[str, int], object],
    ) -> None:
        self._namespace = namespace
        self._listeners = listeners
        self._pass_on = pass_on
        self._answer = answer
        self._refuse_connect = refuse_connect
        self._kick = kick
        self.handler: EventHandler

    def on_message(self, eio_sid: str, text: str | bytes) -> None:
        """One Socket.IO packet as it came."""
        try:
            self._take(eio_sid, text)
        except NotAPacket:
            self._kick(eio_sid, frames.UNSUPPORTED_DATA)
        except Exception:
            log.exception("A packet could not be handled")
            self._listeners.forget(eio_sid)
            self._kick(eio_sid, frames.INTERNAL_ERROR)

    def on_event(self, eio_sid: str, namespace: str | None, ack_id: int | None, text: str) -> None:
        """An event whose JSON is still text; python-socketio calls this too, for its test client."""
        sid = self._listeners.sid_from_eio_sid(eio_sid, self._namespace)
        if namespace != self._namespace or not self._listeners.is_connected(sid, self._namespace):
            return
        ack = None if ack_id is None else Ack(self._answer, eio_sid, ack_id)
        try:
            name, *args = _event(text)
        except BadRequest as error:
            self.handler.refuse(eio_sid, error, ack)
            return
        try:
            self.handler.handle(eio_sid, sid, name, args, ack)
        except Exception:
            log.exception("An event could not be handled")
            self.handler.refuse(eio_sid, Internal(), ack)

    def _take(self, eio_sid: str, text: str | bytes) -> None:
        head = read_head(text)
        assert isinstance(text, str)
        try:
            self.handler.check(eio_sid)
        except ChatError as error:
            if head.kind == packet.EVENT:
                ack = None if head.ack_id is None else Ack(self._answer, eio_sid, head.ack_id)
                self.handler.refuse(eio_sid, error, ack)
            return
        if head.kind == packet.EVENT:
            self.on_event(eio_sid, head.namespace, head.ack_id, text[head.json_at :])
        elif head.kind == packet.CONNECT and (refused := self._why_not(eio_sid, head.namespace)) is not None:
            check_json(text[head.json_at :])
            refusal = {"message": refused.message, "data": connect_refusal(refused)}
            self._refuse_connect(eio_sid, head.namespace, refusal)
        else:
            self._pass_on(eio_sid, text)

    def _why_not(self, eio_sid: str, namespace: str) -> ChatError | None:
        """python-socketio would refuse these without a reason."""
        if namespace != self._namespace:
            return Unsupported(f"There is no such namespace here: use “{self._namespace}”.")
        if self._listeners.sid_from_eio_sid(eio_sid, self._namespace) is not None:
            return BadRequest("This connection is in the namespace already.")
        return None


def _event(text: str) -> list[Any]:
    event = decode_json(text)
    if not isinstance(event, list) or not event:
        raise BadRequest("An event is a list that begins with its name.")
    return event
