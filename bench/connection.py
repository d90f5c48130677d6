"""One client of the crowd: let in by the server, then heard to the letter or only counted.

A client that decodes checks the order of what it hears and notes how long it was on its way. One
that counts adds up bytes, and looks into them only near the time of the server's next ping, which
must be answered. Both keep the same ledger, so that the one can be held against the other.
"""

from __future__ import annotations

import socket
from array import array
from collections.abc import Callable
from typing import Protocol

import msgspec

from bench import wire
from bench.wire import Answer, Broken, FrameReader, Mask, PingFinder

CONTENT = b"sixty characters of small talk, neither more nor less in all"
HOST = "127.0.0.1"
_LOOK_EARLY_NS = 1_000_000_000  # before a ping is due
_JOIN = 0  # the ack id of the first join


class Seat(msgspec.Struct, frozen=True, kw_only=True):
    """A place to take: as whom, and in which room."""

    token: str
    room: str = ""  # none: connected, in no room


class Counting(Protocol):
    """What all connections of a run add up together."""

    arrived: int
    delivery_ns: array[int]

    @property
    def is_recording(self) -> bool: ...


class Connection:
    def __init__(self, crowd: Counting, number: int, seat: Seat, port: int) -> None:
        self.number = number
        self.seat = seat
        self.is_counting = False
        self.is_in = False
        self.is_recorded = True
        self.on_answer: Callable[[Connection, int, Answer, int], None] | None = None
        self.calls = 0
        self.head = 0  # the last seq heard
        self.begin_ledger()
        self._crowd = crowd
        self._mask = Mask()
        self._reader = FrameReader()
        self._head = b""  # of the HTTP response, until it is complete
        self._is_upgraded = False
        self._ping_ns = 0
        self._look_at_ns = 0
        self._pings = PingFinder()
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.connect_ex((HOST, port))
        self._upgrade = wire.upgrade_request(HOST, port, seat.room)

    def begin_ledger(self) -> None:
        """From here on: events and bytes of broadcasts, gaps in the order, own messages acked."""
        self.events = self.bytes = self.gaps = self.acked = 0

    # --- saying ---------------------------------------------------------------------------------

    def on_writable(self) -> None:
        """The TCP connection stands: ask for the WebSocket."""
        error = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            raise Broken(f"connecting failed: errno {error}")
        self.socket.send(self._upgrade)

    def send(self, packet: bytes) -> None:
        self.socket.send(self._mask.frame(packet))

    def masked(self, packet: bytes) -> bytes:
        return self._mask.frame(packet)

    def call(self, event: bytes, argument: bytes) -> int:
        """An event with an ack; its number comes back to ``on_answer``."""
        self.calls += 1
        self.send(wire.call(self.calls, event, argument))
        return self.calls

    def post(self, stamp_ns: int) -> int:
        """A message that carries the time from which its latency is reckoned."""
        return self.call(
            b"message",
            b'{"room":"%s","client_id":"%d-%d-%d","content":"%s"}'
            % (self.seat.room.encode(), self.number, self.calls, stamp_ns, CONTENT),
        )

    # --- hearing --------------------------------------------------------------------------------

    def count_only(self) -> None:
        """Only when nothing is on its way."""
        if self._reader.rest:
            raise Broken("half a frame where silence was expected")
        self.is_counting = True

    def count(self, chunk: memoryview, now_ns: int) -> None:
        self.bytes += len(chunk)
        if now_ns < self._look_at_ns:
            return
        if self._pings.is_in(bytes(chunk)):
            self.bytes -= len(wire.PING_FRAME)
            self._pong(now_ns)

    def take(self, chunk: bytes, now_ns: int) -> None:
        if not self._is_upgraded:
            chunk = self._take_head(chunk)
        for payload in self._reader.feed(chunk):
            self._hear(payload, now_ns)

    def _take_head(self, chunk: bytes) -> bytes:
        self._head += chunk
        head, end, rest = self._head.partition(b"\r\n\r\n")
        if not end:
            return b""
        if not head.startswith(b"HTTP/1.1 101"):
            raise Broken(f"no WebSocket: {head[:80]!r}")
        self._is_upgraded, self._head = True, b""
        return rest

    def _hear(self, payload: bytes, now_ns: int) -> None:
        if payload.startswith(wire.LOG_EVENT):
            self._hear_event(payload, now_ns)
        elif payload.startswith(wire.ACK):
            number, argument = wire.ack_id(payload)
            self._hear_answer(number, wire.decode_answer(argument), now_ns)
        elif payload == wire.PING:
            self._pong(now_ns)
        elif payload.startswith(wire.EVENT):
            self.bytes += wire.frame_size(payload)
        else:
            self._be_let_in(payload, now_ns)

    def _hear_event(self, payload: bytes, now_ns: int) -> None:
        self.events += 1
        self.bytes += wire.frame_size(payload)
        event = wire.decode_event(memoryview(payload)[len(wire.LOG_EVENT) : -1])
        if event.seq != self.head + 1:
            self.gaps += 1
        self.head = event.seq
        if self._crowd.is_recording and self.is_recorded:
            self._crowd.delivery_ns.append(now_ns - int(event.client_id.rpartition("-")[2]))

    def _hear_answer(self, number: int, answer: Answer, now_ns: int) -> None:
        if number == _JOIN and not self.is_in:
            if not answer.ok:
                raise Broken(f"join was refused: {bytes(answer.error)!r}")
            self.head = answer.head
            self._arrive()
        elif self.on_answer is not None:
            self.on_answer(self, number, answer, now_ns)

    def _be_let_in(self, payload: bytes, now_ns: int) -> None:
        if payload.startswith(b"0{"):
            self._ping_ns = msgspec.json.decode(payload[1:])["pingInterval"] * 1_000_000
            self._look_at_ns = now_ns + self._ping_ns - _LOOK_EARLY_NS
            self.send(b"40/chat," + wire.encode_json({"token": self.seat.token}))
        elif payload.startswith(wire.LET_IN) and self.seat.room:
            self.send(wire.call(_JOIN, b"join", b'{"room":"%s"}' % self.seat.room.encode()))
        elif payload.startswith(wire.LET_IN):
            self._arrive()
        else:
            raise Broken(f"not let in: {payload[:200]!r}")

    def _arrive(self) -> None:
        self.is_in = True
        self._crowd.arrived += 1

    def _pong(self, now_ns: int) -> None:
        self._look_at_ns = now_ns + self._ping_ns - _LOOK_EARLY_NS
        self.send(wire.PONG)
