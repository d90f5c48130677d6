"""Socket.IO as this system wants it: Flask-SocketIO, wired to our transport, index and packet dispatch.

Everything that is private in the libraries and used all the same is taken hold of here, in
``_take_the_places``, or in ``listeners`` and ``transport``; the contract tests name each of them.
A connection that has not joined the namespace within ten seconds is closed.
"""

from __future__ import annotations

import functools
import logging
import secrets
from collections.abc import Callable, Collection
from typing import Any

from engineio import packet as engineio_packet
from flask import Flask
from flask_socketio import SocketIO
from socketio import packet

from chatapp import limits
from chatapp.errors import Forbidden
from chatapp.gateway.wire import frames
from chatapp.gateway.wire.heartbeat import PING_INTERVAL_SECONDS, PING_TIMEOUT_SECONDS, Heartbeat
from chatapp.gateway.wire.listeners import Listeners
from chatapp.gateway.wire.packet_dispatch import EventHandler, PacketDispatch
from chatapp.gateway.wire.packets import Packet, WireJson, ack_bytes
from chatapp.gateway.wire.polling import PollingQueue
from chatapp.gateway.wire.request_checks import MAX_BODY_BYTES, RequestChecks
from chatapp.gateway.wire.throttled_logging import throttled_logger
from chatapp.gateway.wire.transport import Transport
from chatapp.gateway.wire.websocket import WebSocket
from chatapp.identity import is_origin_allowed
from chatapp.limits.held import HeldBytes
from chatapp.limits.rates import Rates
from chatapp.runtime import HubScheduler, Timer, spawn

PATH = "/socket.io/"
log = logging.getLogger(__name__)


class Engine:
    """One namespace of one Flask application. ``install`` a handler before serving.

    ``socketio`` is the flask_socketio.SocketIO, ``listeners`` its manager. A connection counts
    against its address from its first request to its end, whether it joins the namespace or not.
    """

    def __init__(
        self,
        app: Flask,
        *,
        namespace: str,
        allowed_origins: Collection[str],
        scheduler: HubScheduler,
        rates: Rates,
        held: HeldBytes,
        is_full: Callable[[], bool] = lambda: False,
        address_of: Callable[[dict[str, Any]], str],
    ) -> None:
        self._namespace = namespace
        self._allowed_origins = allowed_origins
        self._scheduler = scheduler
        self._rates = rates
        self._held = held
        self.on_refused: Callable[[str], object] = lambda code: None  # for its origin
        self._address_of = address_of
        self._addresses: dict[str, str] = {}  # of each connection
        self._heartbeats: dict[str, Heartbeat] = {}
        self._polling_queues: dict[str, PollingQueue] = {}
        self._deadlines: dict[str, Timer] = {}
        self.listeners = Listeners(scheduler, self._expect_join)
        self.socketio = SocketIO(app, **self._options())
        app.wsgi_app = RequestChecks(  # type: ignore[method-assign]
            app.wsgi_app,
            PATH,
            check_transport=self._check_transport,
            is_allowed=self._is_allowed,
            is_full=is_full,
        )
        self._server: Any = self.socketio.server
        self._take_the_places()

    def install(self, handler: EventHandler) -> None:
        self._packet_dispatch.handler = handler

    def send(self, sid: str, array: bytes) -> None:
        """Send one connection an event: the JSON array of its name and arguments. Never dropped."""
        self.listeners.send_events(self._namespace, sid, [array])

    def kick(self, eio_sid: str, code: int = frames.NORMAL) -> None:
        """End the transport after what was sent so far; the client reconnects by itself."""
        websocket = self.listeners.sockets.get(eio_sid)
        socket = self._server.eio.sockets.get(eio_sid)
        if websocket is not None:
            websocket.close(code)
        elif socket is not None:
            spawn(_close, socket, self.socketio.reason.SERVER_DISCONNECT)

    def connections(self) -> list[str]:
        """The Engine.IO ids of everybody, joined or not."""
        return list(self._heartbeats)

    def last_pong_at(self, eio_sid: str) -> float | None:
        """When the last ping was answered, in seconds of the scheduler's ``elapsed``."""
        heartbeat = self._heartbeats.get(eio_sid)
        return heartbeat.last_pong_at if heartbeat else None

    def unanswered_seconds(self, eio_sid: str) -> float:
        """For how long a ping has been without an answer; 0 when none is."""
        heartbeat = self._heartbeats.get(eio_sid)
        return heartbeat.unanswered_seconds if heartbeat else 0.0

    def ask(self, eio_sid: str) -> None:
        """Send a ping now, unless one is under way."""
        heartbeat = self._heartbeats.get(eio_sid)
        if heartbeat is not None:
            heartbeat.ask_now()

    def cut(self, eio_sid: str) -> None:
        """End it without a word: nobody is there."""
        socket = self._server.eio.sockets.get(eio_sid)
        if socket is not None:
            self._on_dead(socket)

    # --- wiring ---

    def _options(self) -> dict[str, Any]:
        throttled = throttled_logger(f"{__name__}.library")
        return {
            "async_mode": "eventlet",
            "async_handlers": False,
            "client_manager": self.listeners,
            "cors_allowed_origins": self._is_let_in,
            "engineio_logger": throttled,
            "http_compression": False,
            "json": WireJson,
            "logger": throttled,
            "manage_session": False,
            "max_http_buffer_size": MAX_BODY_BYTES,
            "monitor_clients": False,  # the heartbeats do
            "namespaces": [self._namespace],
            "ping_interval": PING_INTERVAL_SECONDS,
            "ping_timeout": PING_TIMEOUT_SECONDS,
            "serializer": Packet,
        }

    def _take_the_places(self) -> None:
        server, eio = self._server, self._server.eio
        self._let_in = eio.handlers["connect"]
        self._let_go = eio.handlers["disconnect"]
        self._packet_dispatch = PacketDispatch(
            self._namespace,
            self.listeners,
            eio.handlers["message"],
            self._acknowledge,
            self._refuse_connect,
            self.kick,
        )
        self._transport = Transport(self._scheduler, self._on_ready, self._packet_dispatch.on_message)
        server._handle_event = self._packet_dispatch.on_event
        eio.generate_id = _new_id
        eio._async = dict(eio._async, websocket=self._make_transport)
        eio.on("connect", self._on_connect)
        eio.on("message", self._packet_dispatch.on_message)
        eio.on("disconnect", self._on_disconnect)

    def _make_transport(self, handler: Any, _server: Any) -> Any:
        # python-engineio gives us a bound method; whose it is, is what we need.
        return functools.partial(self._transport.serve, handler.__self__)

    def _is_let_in(self, origin: str, environ: dict[str, Any]) -> bool:
        """As the library asks, once a request, and refuses it where the answer is no."""
        is_allowed = self._is_allowed(origin, environ)
        if not is_allowed:
            self.on_refused(Forbidden.code)
        return is_allowed

    def _is_allowed(self, origin: str, environ: dict[str, Any]) -> bool:
        return is_origin_allowed(origin, environ.get("HTTP_HOST", ""), self._allowed_origins)

    def _acknowledge(self, eio_sid: str, ack_id: int, payload: object) -> None:
        websocket = self.listeners.sockets.get(eio_sid)
        if websocket is not None:
            websocket.send_text(b"4" + ack_bytes(self._namespace, ack_id, payload))
        else:
            self._server._send_packet(eio_sid, Packet(packet.ACK, [payload], self._namespace, ack_id))

    def _refuse_connect(self, eio_sid: str, namespace: str, refusal: object) -> None:
        self._server._send_packet(eio_sid, Packet(packet.CONNECT_ERROR, refusal, namespace))

    # --- a connection's life ---

    def _check_transport(self, environ: dict[str, Any]) -> None:
        """Before a session is made. Raises ``TooManyConnections``."""
        self._rates.check_transport(self._address_of(environ))

    def _on_connect(self, eio_sid: str, environ: dict[str, Any]) -> None:
        address = self._address_of(environ)
        self._rates.open_transport(address)  # nothing has waited since the request checks have asked
        self._addresses[eio_sid] = address
        self._let_in(eio_sid, environ)
        socket = self._server.eio.sockets[eio_sid]
        end = functools.partial(spawn, _close, socket, self.socketio.reason.TRANSPORT_ERROR)
        queue = PollingQueue(socket, end, self._packet_dispatch.on_message)
        queue.holder = self._held.holder(address, queue.cut)
        self._polling_queues[eio_sid] = queue
        heartbeat = Heartbeat(
            self._scheduler,
            functools.partial(self._ping, socket),
            functools.partial(self._on_dead, socket),
            functools.partial(self._has_ping_left, eio_sid, queue),
        )
        self._heartbeats[eio_sid] = heartbeat
        socket.last_ping = None  # python-engineio's own watch stays off
        socket.schedule_ping = heartbeat.pong
        self._expect_join(eio_sid)

    def _expect_join(self, eio_sid: str) -> None:
        """Not in the namespace, not yet or no longer: that may last ten seconds."""
        if eio_sid in self._heartbeats and eio_sid not in self._deadlines:
            self._deadlines[eio_sid] = self._scheduler.call_later(
                limits.AUTHENTICATE_SECONDS, self._on_deadline, eio_sid
            )

    def _on_deadline(self, eio_sid: str) -> None:
        del self._deadlines[eio_sid]
        sid = self.listeners.sid_from_eio_sid(eio_sid, self._namespace)
        if not self.listeners.is_connected(sid, self._namespace):
            self.kick(eio_sid, frames.POLICY)

    def _on_ready(self, eio_sid: str, websocket: WebSocket) -> None:
        websocket.count_as(self._held.holder(self._addresses[eio_sid], websocket.abort))
        websocket.on_caught_up = lambda: self._packet_dispatch.handler.on_caught_up(eio_sid)
        self.listeners.sockets[eio_sid] = websocket

    def _ping(self, socket: Any) -> None:
        socket.send(engineio_packet.Packet(engineio_packet.PING))
        websocket = self.listeners.sockets.get(socket.sid)
        if websocket is not None:
            websocket.mark()

    def _has_ping_left(self, eio_sid: str, queue: PollingQueue) -> bool:
        websocket = self.listeners.sockets.get(eio_sid)
        return queue.has_ping_left if websocket is None else websocket.has_mark_left

    def _on_dead(self, socket: Any) -> None:
        websocket = self.listeners.sockets.get(socket.sid)
        if websocket is not None:
            websocket.abort()  # its end does the rest
        else:
            spawn(_close, socket, self.socketio.reason.PING_TIMEOUT)

    def _on_disconnect(self, eio_sid: str, reason: str | None = None) -> None:
        self._rates.close_transport(self._addresses.pop(eio_sid))
        self._heartbeats.pop(eio_sid).stop()
        self._polling_queues.pop(eio_sid).hold_no_more()
        deadline = self._deadlines.pop(eio_sid, None)
        if deadline is not None:
            deadline.cancel()
        self.listeners.sockets.pop(eio_sid, None)
        self._server.eio.sockets.pop(eio_sid, None)
        self.listeners.when_let_in(eio_sid, functools.partial(self._end, eio_sid, reason))

    def _end(self, eio_sid: str, reason: str | None) -> None:
        try:
            self._let_go(eio_sid, reason)
        except Exception:
            log.exception("The end of a connection could not be handled")
        finally:
            self.listeners.forget(eio_sid)
            self._server.environ.pop(eio_sid, None)


def _new_id() -> str:
    """Longer than a room's id may be, so that nobody can name a room like somebody's own."""
    return secrets.token_urlsafe(limits.ROOM_ID_LENGTH)


def _close(socket: Any, reason: str) -> None:
    socket.close(wait=False, abort=True, reason=reason)
