"""The last resort against a database that does not answer.

The server's own time-outs cover neither COMMIT nor a network that swallows everything. So whoever
watches from outside shuts the socket of a call that has taken longer than any may: the thread that
waits on it gets an error, and the connection is replaced.
"""

from __future__ import annotations

# The plain socket: in a web node ``socket`` belongs to the hub, and this one is another thread's.
import _socket
import os
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, event


class Deadline:
    """Watches the one connection of one engine; the engine's thread marks, another enforces."""

    def __init__(self, engine: Engine, *, seconds: float, elapsed: Callable[[], float]) -> None:
        self._seconds = seconds
        self._elapsed = elapsed
        self._socket: _socket.socket | None = None
        self._called_at: float | None = None
        event.listen(engine, "connect", self._on_connect)
        event.listen(engine, "close", self._on_close)
        event.listen(engine, "checkin", self._on_rest)
        # ``begin`` as well: what is executed past SQLAlchemy (``bulk``) shows nowhere else.
        for step in ("checkout", "begin", "before_cursor_execute", "commit", "rollback"):
            event.listen(engine, step, self._on_call, named=True)

    def enforce(self) -> None:
        """Call now and then, from a thread that never waits for the database."""
        called_at, connection = self._called_at, self._socket
        if called_at is None or connection is None or self._elapsed() - called_at < self._seconds:
            return
        self._socket = None
        try:
            connection.shutdown(_socket.SHUT_RDWR)
        except OSError:
            pass  # it ended by itself just now
        finally:
            connection.close()

    def _on_connect(self, connection: Any, _entry: object) -> None:
        # A descriptor of our own: the driver's may be closed and given to somebody else meanwhile.
        self._socket = _socket.socket(fileno=os.dup(connection.fileno()))

    def _on_close(self, _connection: object, _entry: object) -> None:
        # Ours would keep the connection open, and with it the locks it holds at the server.
        ended, self._socket = self._socket, None
        if ended is not None:
            ended.close()

    def _on_call(self, **_: object) -> None:
        self._called_at = self._elapsed()

    def _on_rest(self, *_: object) -> None:
        self._called_at = None
