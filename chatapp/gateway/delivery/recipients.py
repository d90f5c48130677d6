"""Recipients: how a connection is written to and ended, one kind a dialect."""

from __future__ import annotations

from chatapp.gateway.wire import frames
from chatapp.gateway.wire.engine import Engine
from chatapp.gateway.wire.plain import PlainSocket
from chatapp.protocol import Bye, encode_bye


class SocketIoRecipient:
    """A Socket.IO session: its own id, and that of the transport below it."""

    def __init__(self, engine: Engine, *, eio_sid: str, sid: str) -> None:
        self._engine = engine
        self.eio_sid = eio_sid
        self.sid = sid

    def send(self, array: bytes) -> None:
        """Send an event: the JSON array of its name and arguments."""
        self._engine.send(self.sid, array)

    def bye(self, bye: Bye) -> None:
        self.send(encode_bye(bye))
        # Not a Socket.IO disconnect, which would switch the client's reconnection off.
        self._engine.kick(self.eio_sid)

    @property
    def unanswered_seconds(self) -> float:
        return self._engine.unanswered_seconds(self.eio_sid)

    def ask(self) -> None:
        self._engine.ask(self.eio_sid)

    def cut(self) -> None:
        self._engine.cut(self.eio_sid)


class PlainRecipient:
    """A WebSocket of the original system's dialect, which has no word for goodbye but the close code."""

    def __init__(self, socket: PlainSocket) -> None:
        self.socket = socket

    def bye(self, bye: Bye) -> None:
        self.socket.close(frames.SERVICE_RESTART if bye.retry else frames.POLICY)

    @property
    def unanswered_seconds(self) -> float:
        return self.socket.unanswered_seconds

    def ask(self) -> None:
        self.socket.ask()

    def cut(self) -> None:
        self.socket.abort()
