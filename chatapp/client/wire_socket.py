"""One socket, from its first attempt to its end; it never comes back by itself.

python-socketio hands each packet to a thread of its own, so that two events can overtake each
other on the last inch. Here they are taken in the order in which they came.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol
from urllib.parse import urlsplit

import engineio
import requests
import socketio

from chatapp.client.wire import Json

NAMESPACE = "/chat"

Listener = Callable[[str, Any], None]
"""Takes a name and a value: the server's events, `connect_error`, and at the end `disconnect`."""


class Socket(Protocol):
    def emit(self, name: str, payload: Any, answer: Callable[[Any], None] | None = None) -> None: ...

    def close(self) -> None:
        """Say goodbye and go."""
        ...

    def cut(self) -> None:
        """Go without a word, as when the network fails."""
        ...


class _Engine(engineio.Client):  # type: ignore[misc]  # without types of its own
    def _trigger_event(self, event: str, *args: Any, run_async: bool = False, **options: Any) -> Any:
        del run_async  # a thread for each packet would lose the order
        return super()._trigger_event(event, *args, run_async=False, **options)

    def _read_loop_websocket(self) -> None:
        websocket = self.ws
        super()._read_loop_websocket()
        websocket.shutdown()  # one that was reset or cut is otherwise left to the garbage collector


class _Client(socketio.Client):  # type: ignore[misc]  # without types of its own
    def __init__(self, ended: Callable[[], None], **options: Any) -> None:
        self._ended = ended
        super().__init__(**options)

    def _engineio_client_class(self) -> type[_Engine]:
        return _Engine

    def _handle_eio_disconnect(self, *reason: Any) -> None:
        # An end before the namespace was entered is otherwise told to nobody.
        super()._handle_eio_disconnect(*reason)
        self._ended()


class SocketIO:
    """A connection over python-socketio. `tell` is called from its threads, one event at a time."""

    def __init__(self, url: str, *, auth: Json, transports: tuple[str, ...], tell: Listener) -> None:
        self._tell = tell
        self._lock = threading.Lock()
        self._is_connecting = True
        self._is_closed = False
        self._has_ended = False
        self._http = requests.Session()
        self._client = _Client(
            lambda: self._end("disconnect"),
            reconnection=False,
            handle_sigint=False,
            http_session=self._http,
        )
        self._client.on("*", self._heard, NAMESPACE)
        self._client.on("connect_error", self._refused, NAMESPACE)
        self._client.on("disconnect", lambda *_reason: self._end("disconnect"), NAMESPACE)
        threading.Thread(
            target=self._connect, args=(url, auth, transports), name="chat socket", daemon=True
        ).start()

    def emit(self, name: str, payload: Any, answer: Callable[[Any], None] | None = None) -> None:
        try:
            self._client.emit(name, payload, namespace=NAMESPACE, callback=answer)
        except socketio.exceptions.SocketIOError:
            return  # it has just ended: `disconnect` is on its way, and says so to whoever waits

    def close(self) -> None:
        with self._lock:
            must_disconnect = not self._is_closed and not self._is_connecting
            self._is_closed = True
        # One that is still connecting is not in a state to be ended; `_connect` sees to it.
        if must_disconnect:
            # It waits for its own threads, and this may be one of them.
            threading.Thread(target=self._disconnect, name="chat goodbye", daemon=True).start()

    def cut(self) -> None:
        engine = self._client.eio
        engine.state = "disconnected"  # its loops end without sending a goodbye
        if engine.queue is not None:
            engine.queue.put(None)
        if engine.ws is not None and engine.ws.sock is not None:
            with suppress(OSError):
                engine.ws.sock.shutdown(socket.SHUT_RDWR)  # closing would leave the reader waiting
        self._is_closed = True
        self._http.close()

    def _connect(self, url: str, auth: Json, transports: tuple[str, ...]) -> None:
        try:
            self._client.connect(
                url,
                auth=auth,
                transports=list(transports),
                namespaces=[NAMESPACE],
                socketio_path=f"{urlsplit(url).path}/socket.io",  # the library takes no other path of it
                wait=False,
            )
        except socketio.exceptions.ConnectionError:
            self._http.close()
            self._end("connect_error")
            return
        with self._lock:
            self._is_connecting = False
            must_disconnect = self._is_closed
        if must_disconnect:
            self._disconnect()

    def _disconnect(self) -> None:
        self._client.disconnect()
        self._http.close()

    def _heard(self, name: str, *values: Any) -> None:
        self._tell(name, values[0] if values else None)

    def _refused(self, reason: object = None) -> None:
        """By the namespace, with our refusal as its data; otherwise nobody was reached."""
        self._end("connect_error", reason.get("data") if isinstance(reason, dict) else None)

    def _end(self, name: str, value: Any = None) -> None:
        if not self._has_ended:
            self._has_ended = True
            self._tell(name, value)
