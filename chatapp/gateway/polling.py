"""Polling: what is waiting for a client that asks, a few packets at a time.

One that says it is there and never asks is cut when too much waits for it: it costs a bounded
piece of memory, like a reader of a WebSocket that stops.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engineio.exceptions import QueueEmpty

from chatapp.gateway.websocket import BACKLOG_LIMIT_BYTES

MAX_PACKETS = 16  # python-engineio takes no more in one body, neither as server nor as client


class Waiting:
    """Takes the places of python-engineio's ``socket.send`` and ``socket.poll``.

    ``on_full`` is called once; what comes after that is dropped.
    """

    def __init__(self, socket: Any, on_full: Callable[[], object]) -> None:
        self._socket = socket
        self._queue = socket.queue
        self._pass_on = socket.send
        self._on_full = on_full
        self._held = 0
        self._is_full = False
        socket.send, socket.poll = self.send, self.poll

    def send(self, packet: Any) -> None:
        if self._socket.queue is self._queue:  # not upgraded: nothing waits there
            self._hold(packet)
        if not self._is_full:
            self._pass_on(packet)

    def poll(self) -> list[Any]:
        """Wait for packets and give at most 16 of them."""
        server = self._socket.server
        packets: list[Any] = []
        try:
            while len(packets) < MAX_PACKETS:
                patience = None if packets else server.ping_interval + server.ping_timeout
                packet = self._queue.get(block=not packets, timeout=patience)
                self._queue.task_done()
                if packet is None:  # the end; whoever asks again is to see it too
                    self._queue.put(None)
                    break
                self._held -= _size(packet)
                packets.append(packet)
        except server.get_queue_empty_exception():
            if not packets:
                raise QueueEmpty from None
        return packets

    def _hold(self, packet: Any) -> None:
        self._held += _size(packet)
        if self._held > BACKLOG_LIMIT_BYTES and not self._is_full:
            self._is_full = True
            self._on_full()


def _size(packet: Any) -> int:
    return len(packet.data) if isinstance(packet.data, str) else 0
