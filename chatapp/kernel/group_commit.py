"""Group commit: all rooms that are ready share the next transaction.

There is one transaction at a time. While storage is busy making it durable, other rooms
become ready; when it is done they all go into the next one. The slower the disk, the larger
the groups: no timer, nothing to tune. (Group commit: DeWitt et al., "Implementation
techniques for main memory database systems", SIGMOD 1984.)
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Sequence

from chatapp.kernel.batch import Batch, TurnTaker
from chatapp.kernel.ports import Meter, Outcome, RoomWrite, Scheduler, Storage

# Commands in one transaction. What is decided in one go, and later told in one go, must leave the
# other turns their time; the transaction's own cost is shared by far fewer already.
GROUP_LIMIT = 256

logger = logging.getLogger(__name__)


class GroupCommit:
    def __init__(self, storage: Storage, scheduler: Scheduler, meter: Meter) -> None:
        self._storage = storage
        self._scheduler = scheduler
        self._meter = meter
        self._ready: deque[TurnTaker] = deque()
        self._queued: set[TurnTaker] = set()
        self._is_scheduled = False
        self._started_at: float | None = None

    def ready(self, room: TurnTaker) -> None:
        """The room wants a turn; it gets one with the next transaction."""
        if room not in self._queued:
            self._queued.add(room)
            self._ready.append(room)
        self._schedule()

    @property
    def stalled_seconds(self) -> float:
        """For how long storage has been at the transaction under way."""
        return 0.0 if self._started_at is None else self._scheduler.elapsed() - self._started_at

    def _schedule(self) -> None:
        if not self._is_scheduled and self._started_at is None:
            self._is_scheduled = True
            self._scheduler.call_soon(self._run)

    def _run(self) -> None:
        self._is_scheduled = False
        if self._started_at is not None:
            return  # ``_on_done`` looks at the ready rooms again
        group = self._gather()
        if not group:
            return
        self._started_at = self._scheduler.elapsed()
        writes = [write for _, write in group]
        batches = [batch for batch, _ in group]
        self._storage.commit(writes, done=lambda outcomes: self._on_done(batches, outcomes))

    def _gather(self) -> list[tuple[Batch, RoomWrite]]:
        """Let every ready room decide; those with nothing to store are settled at once."""
        group: list[tuple[Batch, RoomWrite]] = []
        size = 0
        for _ in range(len(self._ready)):
            if size >= GROUP_LIMIT:
                break
            room = self._ready.popleft()
            self._queued.discard(room)
            batch = room.take_turn()
            if batch is None:
                continue
            if batch.write is None:
                batch.settle(Outcome.COMMITTED)
                continue
            size += len(batch.envelopes)
            group.append((batch, batch.write))
        return group

    def _on_done(self, batches: list[Batch], outcomes: Sequence[Outcome] | BaseException) -> None:
        seconds, self._started_at = self.stalled_seconds, None
        if isinstance(outcomes, BaseException):
            logger.error("a commit of %d rooms ended without an outcome", len(batches), exc_info=outcomes)
            outcomes = [Outcome.IN_DOUBT] * len(batches)
        events = 0
        for batch, outcome in zip(batches, outcomes, strict=True):
            if outcome is Outcome.COMMITTED:
                events += len(batch.turn.events)
            else:
                self._meter.not_stored(outcome.word)
            batch.settle(outcome)
        self._meter.committed(rooms=len(batches), events=events, seconds=seconds)
        if self._ready:
            self._schedule()
