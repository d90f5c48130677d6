"""A bell the hub hears at once, rung from a real thread or a signal handler.

However often it is rung before the hub gets to it, the hub answers once. Without a byte on a
socket the hub would sleep on until its next timer, for up to a minute.
"""

from __future__ import annotations

from collections.abc import Callable

from eventlet import hubs, patcher

from chatapp.runtime.hub.hub import run_logged

_socket = patcher.original("socket")


class Wakeup:
    """``answer`` runs on the hub after a ring. Everything put down before the ring is visible to it."""

    def __init__(self, answer: Callable[[], object]) -> None:
        self._answer = answer
        self._is_ringing = False
        self._hear, self._ring = _socket.socketpair()
        self._hear.setblocking(False)
        self._ring.setblocking(False)
        hub = hubs.get_hub()
        self._listener = hub.add(hub.READ, self._hear.fileno(), self._on_ring, _ignore, None)

    def ring(self) -> None:
        """Safe from any thread: one system call at most, no lock, nothing that waits."""
        if not self._is_ringing:
            self._is_ringing = True
            self._ring.send(b"!")

    def close(self) -> None:
        hubs.get_hub().remove(self._listener)
        self._hear.close()
        self._ring.close()

    def _on_ring(self, _fd: int) -> None:
        self._hear.recv(4096)
        # Before the answer looks: what is put down while it looks rings again.
        self._is_ringing = False
        run_logged(self._answer)


def _ignore(*_: object) -> None:
    """The hub wants somebody to tell that a descriptor was closed; nobody waits here."""
