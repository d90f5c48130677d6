"""The crowd: all clients of a run, turned by one epoll loop on one core. The load generator.

It must be faster than what it measures, and say so when it was not: the share of its own core that
it used is part of every result. Each turn first takes what has arrived from every socket, with the
time, and only then looks into it, so that reading one client delays the clock of no other.
"""

from __future__ import annotations

import gc
import resource
import select
import time
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from bench.connection import Connection, Seat
from bench.wire import Broken

AT_ONCE = 256  # that are on their way in at any moment
SECONDS_TO_COME_IN = 120
_BUFFER_BYTES = 256 * 1024
_QUIET_SECONDS = 0.3

clock = time.perf_counter_ns


class Crowd:
    """Use as a context: its connections end with it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._epoll = select.epoll()
        self._by_fd: dict[int, Connection] = {}
        self._writers: dict[int, Callable[[], object]] = {}
        self._buffer = memoryview(bytearray(_BUFFER_BYTES))
        self._last_heard_ns = 0
        self.connections: list[Connection] = []
        self.arrived = 0
        self.is_recording = False
        self.delivery_ns = array("q")
        self.ack_ns = array("q")
        self.cpu_share = 0.0  # of the generator, in the last ``recording``

    def __enter__(self) -> Crowd:
        return self

    def __exit__(self, *_error: object) -> None:
        for connection in self.connections:
            connection.socket.close()
        self._epoll.close()

    def connect(self, seats: Iterable[Seat], at_once: int = AT_ONCE, *, port: int = 0) -> list[Connection]:
        """Let them come in, ``at_once`` at a time; back when the last of them is in its room.

        ``port`` is another server's than the crowd's, if there are several.
        """
        waiting = list(seats)[::-1]
        first, due = len(self.connections), self.arrived + len(waiting)
        ends_at = clock() + SECONDS_TO_COME_IN * 1_000_000_000
        while self.arrived < due:
            while waiting and len(self.connections) - self.arrived < at_once:
                self._open(waiting.pop(), port or self._port)
            self.turn(0.1)
            if clock() > ends_at:
                raise Broken(f"{due - self.arrived} clients were not let in for {SECONDS_TO_COME_IN} s")
        return self.connections[first:]

    def when_writable(self, connection: Connection, write: Callable[[], object]) -> None:
        """Call ``write`` whenever the connection's socket takes more."""
        fd = connection.socket.fileno()
        self._writers[fd] = write
        self._epoll.modify(fd, select.EPOLLIN | select.EPOLLOUT)

    def leave(self, connection: Connection) -> None:
        fd = connection.socket.fileno()
        self._epoll.unregister(fd)
        self._writers.pop(fd, None)
        del self._by_fd[fd]
        connection.socket.close()

    # --- time passes ----------------------------------------------------------------------------

    def run_until(self, end_ns: int) -> None:
        while (left := end_ns - clock()) > 0:
            self.turn(left / 1e9)

    def run(self, seconds: float) -> None:
        self.run_until(clock() + int(seconds * 1e9))

    def until(self, is_true: Callable[[], bool], seconds: float, what: str) -> None:
        ends_at = clock() + int(seconds * 1e9)
        while not is_true():
            self.turn(0.05)
            if clock() > ends_at:
                raise Broken(f"{what} took more than {seconds} s")

    def settle(self, seconds: float = 20) -> None:
        """Wait until nothing has come for a moment."""
        self._last_heard_ns = clock()
        self.until(lambda: clock() - self._last_heard_ns > _QUIET_SECONDS * 1e9, seconds, "coming to rest")

    def turn(self, timeout: float) -> None:
        """One look at all sockets. Less than a millisecond of timeout does not sleep."""
        heard = []
        buffer = self._buffer
        for fd, mask in self._epoll.poll(int(timeout * 1000) / 1000):
            if mask & select.EPOLLOUT:
                self._writers[fd]()
                if not mask & select.EPOLLIN:
                    continue
            connection = self._by_fd[fd]
            try:
                size = connection.socket.recv_into(buffer)
            except BlockingIOError:
                continue
            if not size:
                raise Broken(f"the server ended connection {connection.number}")
            self._last_heard_ns = now = clock()
            if connection.is_counting:
                connection.count(buffer[:size], now)
            else:
                heard.append((connection, bytes(buffer[:size]), now))
        for connection, chunk, now in heard:
            connection.take(chunk, now)

    @contextmanager
    def recording(self, of: Sequence[Connection] = ()) -> Iterator[Callable[[], float]]:
        """What is heard in this block counts: latencies, and the generator's own share of its core.

        Latencies of these connections only, if any are named. Gives a function that tells the
        seconds the block took, once it is over.
        """
        self.is_recording = True
        for connection in self.connections:
            connection.is_recorded = not of or connection in of
        del self.delivery_ns[:], self.ack_ns[:]
        gc.collect()
        gc.disable()
        began_at, used = clock(), time.process_time_ns()
        ended_at = began_at
        try:
            yield lambda: (ended_at - began_at) / 1e9
        finally:
            ended_at = clock()
            self.cpu_share = (time.process_time_ns() - used) / max(1, ended_at - began_at)
            self.is_recording = False
            gc.enable()

    def _open(self, seat: Seat, port: int) -> None:
        connection = Connection(self, len(self.connections), seat, port)
        fd = connection.socket.fileno()
        self.connections.append(connection)
        self._by_fd[fd] = connection
        self._writers[fd] = lambda: self._come_in(connection)
        self._epoll.register(fd, select.EPOLLIN | select.EPOLLOUT)

    def _come_in(self, connection: Connection) -> None:
        fd = connection.socket.fileno()
        connection.on_writable()
        del self._writers[fd]
        self._epoll.modify(fd, select.EPOLLIN)


def raise_open_files(wanted: int) -> None:
    """As many sockets as the machine lets us have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY or hard >= wanted:
        hard = wanted
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
