"""A route: the way of one room's commands to the node that owns it.

What waits is unanswered, in the order in which it was said. It is sent at once and again when the
way was in doubt, until the owner answers or its five seconds are over. Nobody listening there, no
answer in half a second, or an answer that the room is not there, close the route: then whoever
opened it finds out who owns the room now.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any, Protocol

from chatapp.errors import Draining, OwnerUnavailable, RoomBusy
from chatapp.kernel.mailbox import MAILBOX_LIMIT, RETRY_AFTER_MS, Envelope
from chatapp.kernel.peer_messages import Forward, Moved, OutOfStep
from chatapp.kernel.ports import Relay, Scheduler, Timer

FORWARD_SECONDS = 5.0  # how long a command may be on its way
SUSPICION_SECONDS = 0.5
FOUND_SECONDS = 1.0  # what the database said about the owner counts as fresh
SHORTEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.03, 0.5


class RouteContext(Protocol):
    """What the routes of one node share, and what they ask of whoever opened them."""

    @property
    def scheduler(self) -> Scheduler: ...

    @property
    def relay(self) -> Relay: ...

    @property
    def node_id(self) -> str: ...

    def now_ms(self) -> int: ...

    def new_forward_id(self) -> int: ...

    def new_sequence_id(self) -> int: ...

    def find(self, route: Route) -> None:
        """Ask the database who owns the room now, on behalf of all who wait."""
        ...

    def suspect(self, route: Route) -> None:
        """Something is wrong with the owner: if it is dead, say so; then see who owns the room."""
        ...


class Route:
    def __init__(self, room_id: str, owner_id: str, context: RouteContext) -> None:
        self.room_id = room_id
        self.owner_id = owner_id
        self.used_at = self._found_at = context.scheduler.elapsed()
        self._context = context
        self._waiting: dict[int, Envelope] = {}
        self._timer: Timer | None = None
        self._is_open = False
        self._sequence_id = 0
        self._numbers = itertools.count()

    @property
    def has_waiting(self) -> bool:
        return bool(self._waiting)

    def take(self, envelopes: Iterable[Envelope]) -> None:
        """Behind what waits already; more than a mailbox holds are refused."""
        self.used_at = self._context.scheduler.elapsed()
        for envelope in envelopes:
            if len(self._waiting) >= MAILBOX_LIMIT:
                envelope.answer(RoomBusy(retry_after_ms=RETRY_AFTER_MS))
                continue
            if envelope.gives_up_at is None:
                envelope.gives_up_at = self.used_at + FORWARD_SECONDS
                envelope.forward_id = self._context.new_forward_id()
            self._waiting[envelope.forward_id] = envelope
            if self._is_open:
                self._send(envelope)

    # --- open -----------------------------------------------------------------------------

    def open_soon(self, *, is_first_try: bool) -> None:
        """At once if all this is new; the longer it has been in trouble, the later."""
        if self._is_open or self._timer is not None:
            return
        if is_first_try:
            self._open()
            return
        pause = max(SHORTEST_PAUSE_SECONDS, self._seconds_in_trouble() / 2)
        self._timer = self._context.scheduler.call_later(min(LONGEST_PAUSE_SECONDS, pause), self._open)

    def _open(self) -> None:
        self._is_open, self._timer = True, None
        self._sequence_id, self._numbers = self._context.new_sequence_id(), itertools.count()
        for envelope in list(self._waiting.values()):
            self._send(envelope)

    def _send(self, envelope: Envelope) -> None:
        context, sequence_id = self._context, self._sequence_id
        assert envelope.gives_up_at is not None
        now = context.scheduler.elapsed()
        forward = Forward(
            sender=context.node_id,
            forward_id=envelope.forward_id,
            sequence_id=sequence_id,
            number=next(self._numbers),
            give_up_ms=context.now_ms() + int((envelope.gives_up_at - now) * 1000),
            is_found=now - self._found_at < FOUND_SECONDS,
            command=envelope.command,
        )
        context.relay.send([self.owner_id], forward, lambda count: self._on_sent(sequence_id, count))
        if self._timer is None:
            trouble = self._seconds_in_trouble()
            patience = min(max(SUSPICION_SECONDS, trouble), max(0.0, FORWARD_SECONDS - trouble))
            self._timer = context.scheduler.call_later(patience, self._suspect)

    def _on_sent(self, sequence_id: int, count: int) -> None:
        if count == 0 and self._is_open and sequence_id == self._sequence_id and self._waiting:
            self._suspect()

    # --- answers --------------------------------------------------------------------------

    def answered(self, forward_id: int, answer: Any) -> None:
        envelope = self._waiting.get(forward_id)
        if envelope is None:
            return  # given up meanwhile, or answered in an earlier sequence
        if isinstance(answer, Moved | OutOfStep | Draining):
            if self._is_open:
                self._close(self._context.find)
        else:
            del self._waiting[forward_id]
            self._rest()
            envelope.answer(answer)

    def _rest(self) -> None:
        """Somebody answers there: whatever still waits gets new patience."""
        if self._timer is not None and self._is_open:
            self._timer.cancel()
            self._timer = None
            if self._waiting:
                self._timer = self._context.scheduler.call_later(SUSPICION_SECONDS, self._suspect)

    # --- closed ---------------------------------------------------------------------------

    def _suspect(self) -> None:
        self._timer = None
        self._close(self._context.suspect)

    def give_up(self) -> None:
        """The owner is known to be dead."""
        self._close(self._context.find)

    def _close(self, then: Any) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._is_open:
            self._is_open = False
            for envelope in self._waiting.values():
                envelope.command = envelope.command.repeated()
        then(self)

    def take_back(self) -> list[Envelope]:
        """What is still to be answered; what has waited too long is refused."""
        now, in_time = self._context.scheduler.elapsed(), []
        waiting, self._waiting = self._waiting, {}
        for envelope in waiting.values():
            assert envelope.gives_up_at is not None
            if envelope.gives_up_at <= now:
                envelope.answer(OwnerUnavailable())
            else:
                in_time.append(envelope)
        return in_time

    def _seconds_in_trouble(self) -> float:
        """How long the eldest has been waiting."""
        eldest = next(iter(self._waiting.values()), None)
        if eldest is None or eldest.gives_up_at is None:
            return 0.0
        return self._context.scheduler.elapsed() - (eldest.gives_up_at - FORWARD_SECONDS)
