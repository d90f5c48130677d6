"""A WebSocket without Engine.IO, for the dialect of the original system.

The same transport, the same rhythm of pings. A reader that lags is closed with 1013: this dialect
has no word for catching up.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatapp.gateway.wire import frames
from chatapp.gateway.wire.heartbeat import Heartbeat
from chatapp.gateway.wire.websocket import accept, nothing
from chatapp.limits.held import HeldBytes
from chatapp.runtime import HubScheduler


class PlainSocket:
    """Takes over the connection of a request for which ``handshake.refusal`` said None.

    From the hub's next turn on ``on_text`` gets what the client says; a binary frame ends the
    connection with 1003. ``on_end`` is called once, when it is over.
    """

    def __init__(self, environ: dict[str, Any], scheduler: HubScheduler) -> None:
        self.on_text: Callable[[str], object] = nothing
        self.on_end: Callable[[], object] = nothing
        self._websocket = accept(environ, scheduler)
        self._heartbeat = Heartbeat(
            scheduler, self._websocket.ping, self._websocket.abort, lambda: self._websocket.has_mark_left
        )
        self._websocket.on_message, self._websocket.on_end = self._on_message, self._on_end
        self._websocket.on_pong = self._heartbeat.pong
        self._websocket.on_lagging = lambda: self._websocket.close(frames.TRY_AGAIN_LATER)

    @property
    def last_pong_at(self) -> float:
        """When the last ping was answered, in seconds of the scheduler's ``elapsed``."""
        return self._heartbeat.last_pong_at

    @property
    def unanswered_seconds(self) -> float:
        """For how long a ping has been without an answer; 0 when none is."""
        return self._heartbeat.unanswered_seconds

    def ask(self) -> None:
        """Send a ping now, unless one is under way."""
        self._heartbeat.ask_now()

    def abort(self) -> None:
        self._websocket.abort()

    @property
    def held_bytes(self) -> int:
        """What the socket has not taken yet."""
        return self._websocket.held_bytes

    def count_as_held(self, held: HeldBytes, address: str) -> None:
        """What it does not take counts for this address."""
        self._websocket.count_as(held.holder(address, self._websocket.abort))

    def send(self, text: str | bytes) -> None:
        """Answer this client; never dropped while the connection stands."""
        self._websocket.send_text(text)

    def send_broadcast(self, ready_frames: bytes) -> None:
        """Send frames that are the same for everybody."""
        self._websocket.send(ready_frames, is_broadcast=True)

    def close(self, code: int = frames.NORMAL) -> None:
        self._websocket.close(code)

    def _on_message(self, message: str | bytes) -> None:
        if isinstance(message, str):
            self.on_text(message)
        else:
            self._websocket.close(frames.UNSUPPORTED_DATA)

    def _on_end(self) -> None:
        self._heartbeat.stop()
        self.on_end()
