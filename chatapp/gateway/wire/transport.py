"""Engine.IO over our WebSocket, in the place of python-engineio's own.

python-engineio builds one of these for a request that asks for a WebSocket, be it a new connection
or the upgrade of a polling one. From then on packets are written straight to the socket: no queue,
no writer, no reader and no ping greenlet. What was queued before goes out first, so a client that
upgrades misses nothing and gets nothing out of order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from engineio.packet import NOOP, Packet

from chatapp.gateway.wire import frames
from chatapp.gateway.wire.websocket import WebSocket, accept, nothing
from chatapp.runtime import HubScheduler, spawn

UPGRADE_SECONDS = 10
_CLOSE, _PONG, _MESSAGE, _NOTHING = "1", "3", "4", "6"
_EVENT = _MESSAGE + "2"  # of Socket.IO, in a message of Engine.IO


class Outlet:
    """Stands where python-engineio has a queue: what is put in leaves at once."""

    __slots__ = ("_websocket",)

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket

    def put(self, packet: Any) -> None:
        if packet is None:  # python-engineio's way to say that this was all
            self._websocket.close()
            return
        encoded = packet.encode()
        opcode = frames.BINARY if isinstance(encoded, bytes) else frames.TEXT
        self._websocket.send(
            frames.frame(opcode, encoded if isinstance(encoded, bytes) else encoded.encode())
        )

    def join(self) -> None:
        """Nothing to wait for."""


class Transport:
    """``on_ready`` gets each WebSocket before its first packet is read, ``on_message`` each message.

    Only for what is no event may ``on_message`` wait: it then has a greenlet of its own. Events and
    the end of a connection are handled on the hub.
    """

    def __init__(
        self,
        scheduler: HubScheduler,
        on_ready: Callable[[str, WebSocket], object],
        on_message: Callable[[str, str], object],
    ) -> None:
        self._scheduler = scheduler
        self._on_ready = on_ready
        self._on_message = on_message

    def serve(self, socket: Any, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """The WSGI application of one WebSocket; ``socket`` is python-engineio's.

        That the request is a good handshake has been seen to by the request checks.
        """
        if socket.upgrading:
            start_response("400 Bad Request", [("Content-Type", "text/plain")])
            return (b"This connection is being upgraded already",)
        websocket = accept(environ, self._scheduler)
        if socket.connected:
            Upgrade(socket, websocket, self._scheduler, lambda: self._carry(socket, websocket))
        else:
            self._carry(socket, websocket)
        return ()  # not a list: that would be taken for packets

    def _carry(self, socket: Any, websocket: WebSocket) -> None:
        """In one turn of the hub: send what is queued, then let everything go straight out."""
        carried = Carried(socket, websocket, self._on_message)
        websocket.on_message, websocket.on_end = carried.hear, carried.end
        websocket.is_sign_of_life = _is_pong
        queue, outlet = socket.queue, Outlet(websocket)
        while not queue.empty():
            outlet.put(queue.get_nowait())
        socket.queue = outlet
        socket.connected = socket.upgraded = True
        queue.hand_over()
        self._on_ready(socket.sid, websocket)


class Upgrade:
    """Both sides show that the new way works; the polling one is held and then left."""

    def __init__(
        self, socket: Any, websocket: WebSocket, scheduler: HubScheduler, on_done: Callable[[], object]
    ) -> None:
        self._socket = socket
        self._websocket = websocket
        self._on_done = on_done
        self._timer = scheduler.call_later(UPGRADE_SECONDS, self._give_up)
        websocket.on_message, websocket.on_end = self._on_probe, self._stop
        socket.upgrading = True  # polling requests get nothing but a NOOP from now on

    def _on_probe(self, packet: str | bytes) -> None:
        if packet == _NOTHING:
            return
        if packet != "2probe":
            self._give_up()
            return
        self._websocket.on_message = self._on_decision
        self._websocket.send_text("3probe")
        self._socket.queue.put(Packet(NOOP))  # ends a poll that is waiting

    def _on_decision(self, packet: str | bytes) -> None:
        if packet == _NOTHING:
            return
        if packet != "5" or self._socket.closed:
            self._give_up()
            return
        self._stop()
        self._on_done()

    def _give_up(self) -> None:
        self._stop()
        self._websocket.abort()

    def _stop(self) -> None:
        self._timer.cancel()
        self._websocket.on_message = self._websocket.on_end = nothing
        self._socket.upgrading = False


class Carried:
    """A connection of Engine.IO, while a WebSocket carries it."""

    __slots__ = ("_on_message", "_reason", "_socket", "_websocket")

    def __init__(self, socket: Any, websocket: WebSocket, on_message: Callable[[str, str], object]) -> None:
        self._socket = socket
        self._websocket = websocket
        self._on_message = on_message
        self._reason = socket.server.reason.TRANSPORT_CLOSE

    def hear(self, packet: str | bytes) -> None:
        if isinstance(packet, bytes):
            self._websocket.close(frames.UNSUPPORTED_DATA)
        elif packet[:2] == _EVENT:
            self._on_message(self._socket.sid, packet[1:])
        elif packet[:1] == _MESSAGE:
            self._websocket.hold()
            spawn(self._handle_aside, packet[1:])
        elif packet[:1] == _PONG:
            self._socket.schedule_ping()
        elif packet == _CLOSE:
            self._reason = self._socket.server.reason.CLIENT_DISCONNECT
            self._websocket.close()
        elif packet[:1] != _NOTHING:
            self._websocket.close(frames.PROTOCOL_ERROR)

    def end(self) -> None:
        self._socket.close(wait=False, abort=True, reason=self._reason)

    def _handle_aside(self, message: str) -> None:
        # To let somebody in asks the database; what they say next has to come after it.
        try:
            self._on_message(self._socket.sid, message)
        finally:
            self._websocket.go_on()


def _is_pong(packet: str | bytes) -> bool:
    return packet[:1] == _PONG
