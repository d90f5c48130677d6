"""Polling: what is waiting for a client that asks, a few packets at a time."""

from __future__ import annotations

from typing import Any

from engineio.exceptions import QueueEmpty

MAX_PACKETS = 16  # python-engineio takes no more in one body, neither as server nor as client


def poll(socket: Any) -> list[Any]:
    """Wait for packets and give at most 16 of them.

    Takes the place of the method of that name; ``socket`` is python-engineio's.
    """
    patience = socket.server.ping_interval + socket.server.ping_timeout
    packets: list[Any] = []
    try:
        while len(packets) < MAX_PACKETS:
            packet = socket.queue.get(timeout=patience) if not packets else socket.queue.get_nowait()
            socket.queue.task_done()
            if packet is None:  # the end; whoever asks again is to see it too
                socket.queue.put(None)
                break
            packets.append(packet)
    except socket.server.get_queue_empty_exception():
        if not packets:
            raise QueueEmpty from None
    return packets
