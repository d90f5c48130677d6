"""Polling: what is waiting for a client that asks, a few packets at a time.

One poll a session: a newer one takes over and the older is answered at once, so an abandoned request
neither stays nor swallows what is meant for its successor. One that says it is there and never asks is
cut when too much waits for it: it costs a bounded piece of memory, like a reader of a WebSocket that
stops. A session that ends says so (``1``), one that goes on over a WebSocket says ``6``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from engineio.exceptions import QueueEmpty
from engineio.packet import CLOSE, NOOP, PING, Packet

from chatapp.gateway.wire.websocket import BACKLOG_LIMIT_BYTES
from chatapp.limits.held import Holder
from chatapp.runtime import Promise, has_hung_up, sleep

MAX_PACKETS = 16  # in an answer: python-engineio's client takes no more
ANSWER_BYTES = 524_288  # of several packets together; a larger one goes alone
PACKETS_A_TURN = 8
PAUSE_SECONDS = 0.005

_SEPARATOR = "\x1e"


class PollingQueue:
    """Takes the places of a python-engineio socket's queue and of its way with requests.

    ``on_full`` is called once; what comes after that is dropped. ``on_message`` gets what a client
    posts, packet for packet, in its order, and not faster than a WebSocket may bring it.
    """

    def __init__(
        self, socket: Any, on_full: Callable[[], object], on_message: Callable[[str, str], object]
    ) -> None:
        self.holder: Holder | None = None  # its part of the budgets; None: it is not counted
        self._socket = socket
        self._on_full = on_full
        self._on_message = on_message
        self._get = socket.handle_get_request
        self._packets: deque[Any] = deque()
        self._held = 0
        self._is_full = False
        self._last: int | None = None  # with what the last answer ends
        self._is_ping_waiting = False
        self._request: dict[str, Any] | None = None
        self._asking: Promise[None] | None = None
        while not socket.queue.empty():
            self.put(socket.queue.get_nowait())
        socket.queue, socket.poll = self, self.poll
        socket.handle_get_request, socket.handle_post_request = self._take_get, self._take_post

    # --- what goes out --------------------------------------------------------------------

    @property
    def has_ping_left(self) -> bool:
        """No ping waits for a poll."""
        return not self._is_ping_waiting

    @property
    def is_asked(self) -> bool:
        """A poll waits."""
        return self._asking is not None

    def cut(self) -> None:
        """End the session; what waits is forgotten."""
        self._is_full = True
        self._packets.clear()
        self._change(-self._held)
        self._on_full()

    def hold_no_more(self) -> None:
        """The session has ended. What waits is for a poll that is on its way, and counts for nobody."""
        holder, self.holder = self.holder, None
        if holder is not None:
            holder.change(-self._held)

    def poll(self) -> list[Any]:
        """Wait for packets and give at most 16 of them."""
        request, self._request = self._request, None
        mine: Promise[None] = Promise()
        older, self._asking = self._asking, mine
        if older is not None:
            older.resolve(None)
        if not self._packets and self._last is None:
            self._wait(mine)
        if self._asking is not mine:
            return [Packet(NOOP)]
        self._asking = None
        is_given_up = request is not None and has_hung_up(request)
        return [Packet(NOOP)] if is_given_up else self._take()

    def _wait(self, mine: Promise[None]) -> None:
        server = self._socket.server
        try:
            mine.wait(server.ping_interval + server.ping_timeout)
        except TimeoutError:
            if self._asking is mine:
                self._asking = None
                raise QueueEmpty from None

    def _take(self) -> list[Any]:
        taken: list[Any] = []
        size = 0
        while self._packets and len(taken) < MAX_PACKETS:
            size += _size(self._packets[0])
            if taken and size > ANSWER_BYTES:
                break
            taken.append(self.get_nowait())
        if self._last is not None and not self._packets and len(taken) < MAX_PACKETS:
            taken.append(Packet(self._last))
        return taken

    # --- as python-engineio's queue -------------------------------------------------------

    def put(self, packet: Any) -> None:
        """None: that was all."""
        if packet is None:
            self._last = CLOSE if self._last is None else self._last
        elif self._is_full:
            return
        else:
            self._packets.append(packet)
            self._is_ping_waiting = self._is_ping_waiting or packet.packet_type == PING
        if self._asking is not None:
            self._asking.resolve(None)
        if packet is not None:
            self._change(_size(packet))
            if self._held > BACKLOG_LIMIT_BYTES:
                self._cut_off()

    def get_nowait(self) -> Any:
        packet = self._packets.popleft()
        if packet.packet_type == PING:
            self._is_ping_waiting = False
        self._change(-_size(packet))
        return packet

    def empty(self) -> bool:
        return not self._packets

    def join(self) -> None:
        """Nothing to wait for."""

    def hand_over(self) -> None:
        """A WebSocket carries the rest: a poll that still waits is told so."""
        self._last = NOOP
        self.put(None)

    def _cut_off(self) -> None:
        if self.holder is not None:
            self.holder.cut_off("connection")
        else:
            self.cut()

    def _change(self, difference: int) -> None:
        self._held += difference
        if self.holder is not None and difference:
            self.holder.change(difference)

    # --- requests -------------------------------------------------------------------------

    def _take_get(self, environ: dict[str, Any], start_response: Any) -> Any:
        self._request = environ
        return self._get(environ, start_response)

    def _take_post(self, environ: dict[str, Any]) -> None:
        """The body has passed the request checks: packets of a client, all of them of a known kind."""
        packets = environ["wsgi.input"].read().decode().split(_SEPARATOR)
        for count, packet in enumerate(packets, 1):
            if self._socket.closed:
                return
            self._hear(packet)
            if count % PACKETS_A_TURN == 0:
                sleep(PAUSE_SECONDS)

    def _hear(self, packet: str) -> None:
        socket = self._socket
        if packet[0] == "4":
            self._on_message(socket.sid, packet[1:])
        elif packet[0] == "3":
            socket.schedule_ping()
        elif packet[0] == "1":
            socket.close(wait=False, abort=True, reason=socket.server.reason.CLIENT_DISCONNECT)


def _size(packet: Any) -> int:
    return len(packet.data) if isinstance(packet.data, str) else 0
