"""The HTTP server, with the defaults that a chat needs.

It listens from the moment it is built, so that a taken port is known before anything else is
started. ``run`` returns when ``stop`` is called, whatever connections are still open: ending those
politely is the work of whoever calls ``stop``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import eventlet
from eventlet import wsgi
from eventlet.green import socket

from chatapp.runtime.chunks import ChunkedInput
from chatapp.runtime.interpreter import tune_interpreter
from chatapp.runtime.scheduler import Promise

WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]

BACKLOG = 4096
# Those of HTTP: one that was taken over counts no more. Open files set its limit, and the gateway's.
MAX_CONNECTIONS = 100_000
# For reading a request and writing its response; a socket that was taken over has none.
SOCKET_TIMEOUT_SECONDS = 30
KEEPALIVE_SECONDS = 75


class CannotListen(Exception):
    """The address cannot be had; the message is a sentence for the person who started the node."""


class HttpServer:
    def __init__(self, app: WsgiApp, host: str, port: int, max_connections: int = MAX_CONNECTIONS) -> None:
        self._app = app
        self._max_connections = max_connections
        self._socket = _listen(host, port)
        self._accepting: Any = None
        self._is_accepting = True
        self._stopped: Promise[None] = Promise()
        # Also when it was left to the system (port 0).
        self.port: int = self._socket.getsockname()[1]

    def run(self) -> None:
        """Serve, until ``stop``; not at all if that came first."""
        if self._is_accepting:
            self._accept()
        self._stopped.wait()

    def stop_accepting(self) -> None:
        """Refuse new connections and close idle ones; requests that have begun are answered."""
        self._is_accepting = False
        if self._accepting is not None:
            self._accepting.kill()
        self._socket.close()

    def stop(self) -> None:
        """Let ``run`` return."""
        self.stop_accepting()
        self._stopped.resolve(None)

    def _accept(self) -> None:
        tune_interpreter()
        self._accepting = eventlet.spawn(
            wsgi.server,
            self._socket,
            self._app,
            max_size=self._max_connections,
            protocol=_Protocol,
            keepalive=KEEPALIVE_SECONDS,
            socket_timeout=SOCKET_TIMEOUT_SECONDS,
            debug=False,  # or else clients are sent tracebacks
            log_output=False,
        )


def _listen(host: str, port: int) -> Any:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        # Not reuse_port, eventlet's default: a second node would share the port in silence.
        listener = eventlet.listen((host, port), family=family, backlog=BACKLOG, reuse_port=False)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error).rstrip(".")
        raise CannotListen(f"Cannot listen on {host} port {port}: {reason}.") from error
    # Accepted sockets inherit it. Without it an answer waits up to 40 ms for the peer's delayed ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


class _Protocol(wsgi.HttpProtocol):
    """HTTP with strict chunks, without the log lines that any stranger can cause by sending nonsense."""

    def get_environ(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environ()
        if environ["wsgi.input"].chunked_input:
            # The second one is what eventlet itself reads to the end.
            environ["wsgi.input"] = environ["eventlet.input"] = ChunkedInput(environ["wsgi.input"])
        return environ

    def log_message(self, *args: object) -> None:
        """Nothing: the request's own handler knows what is worth a line."""
