"""Receptions: connections of which a long body is being received.

They are read on the hub and cost no greenlet. Of each at most one piece is held; while it is being stored
nothing is read, so that TCP tells the sender to wait. A piece has its time, as a whole small request has; who
is slower, or goes away, leaves what has come of it to the receiver. There are only so many at once, of an
address and in all, and whoever comes beyond that is told so before the application hears of it; as soon as
that one knows whose a body is, it counts for them as well (``admissions``). Where no place is left, an
address that has fewer than another gets one of the other's, who goes on later with what is missing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from eventlet import hubs, patcher

from chatapp.runtime.bodies.admissions import Admissions
from chatapp.runtime.bodies.pieces import PIECE_BYTES
from chatapp.runtime.bodies.reception import Reception
from chatapp.runtime.hub.hub import run_logged
from chatapp.runtime.requests.gathering import BODY_BYTES_PER_SECOND, HEAD_SECONDS, Request
from chatapp.runtime.requests.heads import NotARequest, refusal
from chatapp.runtime.requests.no_place import no_place
from chatapp.runtime.requests.streaming import Whose

_socket = patcher.original("socket")

# By itself the system holds up to megabytes for each whom we let wait, where nobody counts them.
RECEIVE_BUFFER_BYTES = 128 * 1024
PIECE_SECONDS = HEAD_SECONDS + PIECE_BYTES / BODY_BYTES_PER_SECOND
# Storing is work of threads beside the hub, which then shares the interpreter with each of them.
STORED_AT_ONCE = 2
WAIT_SECONDS = 10.0  # for a place among these: what stores them may accept and not answer
AGAIN = 5  # seconds, for whoever was held up
PAUSE_SECONDS = (
    0.02  # from one piece to the next: 25 MiB/s go in, and everybody's messages find their way between
)


class Receptions:
    """``on_over`` gets what the application is to answer now; ``leave`` ends a connection with words."""

    def __init__(
        self,
        on_over: Callable[[Reception], object],
        leave: Callable[[Any, bytes], object],
        *,
        of_person: int,
        of_address: int,
        of_all: int,
    ) -> None:
        self._on_over = on_over
        self._leave = leave
        self._admissions: Admissions[Reception] = Admissions(
            self._make_place, of_person=of_person, of_address=of_address, of_all=of_all
        )
        self._full: deque[Reception] = deque()  # those whose piece waits to be stored
        self._storing = 0
        self._is_closed = False
        self._pause: Any = None

    def __len__(self) -> int:
        return len(self._admissions)

    def admit(self, connection: Any, request: Request) -> str | None:
        """Count it, until ``release``; what it is refused for: "address" or "node"."""
        assert request.body is not None
        if self._is_closed:
            return "node"
        if reason := self._admissions.refuses(connection.share):
            return reason
        reception = Reception(connection, request, request.body)
        self._admissions.add(connection, reception)
        request.body.on_known = partial(self._count, reception)
        return None

    def release(self, connection: Any) -> Reception | None:
        """It is received no more, or never was."""
        return self._admissions.remove(connection)

    def begin(self, connection: Any, early: bytes) -> None:
        """The application has named a receiver; ``early`` came with the head."""
        reception = self._admissions.of(connection)
        assert reception is not None
        reception.has_begun = True
        if self._admissions.is_overtaken(reception):
            self._give_way(reception)
            return
        with suppress(OSError):
            connection.raw.setsockopt(_socket.SOL_SOCKET, _socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        if reception.body.is_to_be_asked and not early:
            with suppress(OSError):
                connection.raw.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        self._hear(reception, early)
        if self._is_closed and self._admissions.of(connection) is reception and not reception.body.is_over:
            self._break_off(reception)

    def close(self) -> None:
        """Break off all that are under way, or about to be; what has come of them is stored."""
        self._is_closed = True
        for reception in self._admissions.everything():
            if reception.body.receiver is not None and not reception.body.is_over:
                self._break_off(reception)
        while self._full:
            self._store_one()

    def _count(self, reception: Reception, whose: Whose) -> str | None:
        older = self._admissions.newest(whose.target)
        if older is not None and older.is_coming:
            self._give_way(older)
        return self._admissions.count(reception, whose)

    def _make_place(self, reception: Reception) -> bool:
        """For somebody of whom less is under way; False: it has ended as it is, or not begun."""
        if reception.is_coming:
            self._break_off(reception, no_place("most bodies"))
        return reception.is_broken

    # --- the body comes ---

    def _hear(self, reception: Reception, received: bytes) -> None:
        try:
            reception.pieces.feed(received)
        except NotARequest as error:
            self._break_off(reception, error.answer)
            return
        self._go_on(reception)

    def _go_on(self, reception: Reception) -> None:
        if reception.pieces.has_piece:
            self._stop_listening(reception)
            self._take(reception)
        elif reception.pieces.is_whole:
            self._stop_listening(reception)
            reception.receiver.end(True, partial(self._answer, reception))
        else:
            self._listen(reception)

    def _take(self, reception: Reception) -> None:
        """Its piece waits for those that came before it; meanwhile nothing of it is read."""
        reception.is_storing = True
        hub = hubs.get_hub()
        reception.timer = hub.schedule_call_global(WAIT_SECONDS, run_logged, self._on_held_up, reception)
        self._full.append(reception)
        self._store()

    def _store(self) -> None:
        if self._full and self._storing < STORED_AT_ONCE and self._pause is None:
            self._pause = hubs.get_hub().schedule_call_global(PAUSE_SECONDS, run_logged, self._go_on_storing)
            self._store_one()

    def _store_one(self) -> None:
        reception = self._full.popleft()
        reception.timer.cancel()
        self._storing += 1
        reception.receiver.take(reception.pieces.take(), partial(self._taken, reception))

    def _go_on_storing(self) -> None:
        self._pause = None
        self._store()

    def _taken(self, reception: Reception, goes_on: bool) -> None:
        self._storing -= 1
        reception.is_storing = False
        self._store()
        if reception.is_broken:
            self._let_go(reception)
        elif goes_on:
            self._go_on(reception)
        else:
            self._answer(reception)

    def _answer(self, reception: Reception) -> None:
        if not reception.is_broken:  # it may have been, while the end was being written down
            reception.body.is_over = True
            reception.body.is_read = reception.pieces.is_whole and not reception.pieces.held_bytes
            self._on_over(reception)

    def _listen(self, reception: Reception) -> None:
        if reception.listener is not None:
            return
        hub = hubs.get_hub()

        def on_readable(_fd: int) -> None:
            run_logged(self._on_readable, reception)

        reception.listener = hub.add(hub.READ, reception.connection.raw.fileno(), on_readable, _ignore, None)
        reception.timer = hub.schedule_call_global(PIECE_SECONDS, run_logged, self._on_deadline, reception)

    def _stop_listening(self, reception: Reception) -> None:
        if reception.listener is not None:
            hubs.get_hub().remove(reception.listener)
            reception.timer.cancel()
            reception.listener = reception.timer = None

    def _on_readable(self, reception: Reception) -> None:
        if reception.listener is None:  # the hub still calls what was removed in the same turn
            return
        try:
            received = reception.connection.raw.recv(reception.pieces.wanted)
        except BlockingIOError:
            return
        except OSError:
            received = b""
        if received:
            self._hear(reception, received)
        else:
            self._break_off(reception)

    # --- it goes ---

    def _on_deadline(self, reception: Reception) -> None:
        words = "The body did not come in time. What has come of it is stored."
        self._break_off(reception, refusal("408 Request Timeout", "bad_request", words))

    def _on_held_up(self, reception: Reception) -> None:
        """Those before it are not stored. Maybe this piece is, as is what comes of a body that breaks off."""
        self._leave_full(reception)
        if reception.is_broken:
            self._let_go(reception)
            return
        words = "What holds the bytes of files does not answer. Ask where this one has come to, and go on."
        self._break_off(reception, refusal("503 Service Unavailable", "storage_unavailable", words, AGAIN))

    def _leave_full(self, reception: Reception) -> None:
        self._full.remove(reception)
        reception.timer.cancel()
        reception.is_storing = False

    def _give_way(self, reception: Reception) -> None:
        """To a newer one, which brings again what nobody has stored of this one."""
        reception.is_overtaken = True
        if reception in self._full:
            self._leave_full(reception)
        words = "The rest of the file comes by another connection."
        self._break_off(reception, refusal("409 Conflict", "conflict", words))

    def _break_off(self, reception: Reception, answer: bytes | None = None) -> None:
        """Read no more of it, and store what has come; with an answer if there is somebody to read it."""
        self._stop_listening(reception)
        reception.is_broken = True
        self.release(reception.connection)
        if answer is None:
            with suppress(OSError):
                reception.connection.raw.close()
        else:
            self._leave(reception.connection, answer)
        if not reception.is_storing:
            self._let_go(reception)

    def _let_go(self, reception: Reception) -> None:
        left, receiver = reception.pieces.take(), reception.receiver
        if left and not reception.is_overtaken:
            receiver.take(left, lambda _: receiver.end(False, _ignore))
        else:
            receiver.end(False, _ignore)


def _ignore(*_: object) -> None:
    """For the hub, which wants somebody to tell that a descriptor was closed, and for whom nobody waits."""
