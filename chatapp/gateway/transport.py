"""Engine.IO over our WebSocket, in the place of python-engineio's own.

python-engineio builds one of these for a request that asks for a WebSocket, be it a new connection
or the upgrade of a polling one. From then on packets are written straight to the socket: no queue,
no writer and no ping greenlet; one greenlet reads. What was queued before goes out first, so a
client that upgrades misses nothing and gets nothing out of order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from engineio.packet import NOOP, Packet

from chatapp.gateway import frames
from chatapp.gateway.websocket import WebSocket, accept
from chatapp.runtime import HubScheduler

UPGRADE_SECONDS = 10
_CLOSE, _PONG, _MESSAGE, _NOTHING = "1", "3", "4", "6"


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
    """``on_ready`` gets each WebSocket before its first packet is read, ``on_message`` each message."""

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

        That the request is a good handshake has been seen to at the door.
        """
        is_upgrade = socket.connected
        if socket.upgrading:
            start_response("400 Bad Request", [("Content-Type", "text/plain")])
            return (b"This connection is being upgraded already",)
        websocket = accept(environ, self._scheduler)
        try:
            if is_upgrade and not self._upgrade(socket, websocket):
                return ()
            self._read(socket, websocket)
        finally:
            websocket.abort()
        return ()  # not a list: that would be taken for packets

    def _upgrade(self, socket: Any, websocket: WebSocket) -> bool:
        """Both sides show that the new way works; the polling one is held and then left."""
        socket.upgrading = True  # polling requests get nothing but a NOOP from now on
        timer = self._scheduler.call_later(UPGRADE_SECONDS, websocket.abort)
        try:
            if websocket.receive() != "2probe":
                return False
            websocket.send_text("3probe")
            socket.queue.put(Packet(NOOP))  # ends a poll that is waiting
            if websocket.receive() != "5" or socket.closed:
                return False
        finally:
            timer.cancel()
            socket.upgrading = False
        return True

    def _read(self, socket: Any, websocket: WebSocket) -> None:
        self._switch(socket, websocket)
        reason = socket.server.reason.TRANSPORT_CLOSE
        try:
            while (packet := websocket.receive()) is not None:
                if isinstance(packet, bytes):
                    websocket.close(frames.UNSUPPORTED_DATA)
                elif packet[:1] == _MESSAGE:
                    self._on_message(socket.sid, packet[1:])
                elif packet == _PONG:
                    socket.schedule_ping()
                elif packet == _CLOSE:
                    reason = socket.server.reason.CLIENT_DISCONNECT
                    websocket.close()
                elif packet != _NOTHING:
                    websocket.close(frames.PROTOCOL_ERROR)
        finally:
            socket.close(wait=False, abort=True, reason=reason)

    def _switch(self, socket: Any, websocket: WebSocket) -> None:
        """In one turn of the hub: send what is queued, then let everything go straight out."""
        queue, outlet = socket.queue, Outlet(websocket)
        while not queue.empty():
            outlet.put(queue.get_nowait())
        socket.queue = outlet
        socket.connected = socket.upgraded = True
        queue.put(None)  # a poll that still waits is answered, with nothing
        self._on_ready(socket.sid, websocket)
