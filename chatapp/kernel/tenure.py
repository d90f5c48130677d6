"""A tenure: what one activation does with one lease, from its ``acquire`` to its end.

It takes what waits as one batch, reads what the batch must know, lets the object decide, and
hands the write to the group commit. Nothing leaves before the COMMIT; then, in this order:
broadcasts to the audience as it was, entrances, replies. One batch at a time.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, Protocol

from chatapp.errors import ChatError, Internal, OwnerUnavailable, StorageFull, StorageUnavailable
from chatapp.kernel.activation_context import ActivationContext
from chatapp.kernel.batch import Batch, TurnTaker
from chatapp.kernel.durable_object import Deferred, Turn
from chatapp.kernel.mailbox import Envelope
from chatapp.kernel.peer_messages import OutOfStep
from chatapp.kernel.ports import Acquired, Lease, Outcome, RoomWrite, Timer

BATCH_LIMIT = 200
ATTEMPT_LIMIT = 4
REPAIR_SECONDS = 1.0

# About one room. What the database does to all of them is told by the storage, once, and counted.
_TOLD = (Outcome.STALE, Outcome.REFUSED, Outcome.IN_DOUBT)

logger = logging.getLogger(__name__)


def where(lease: Lease, seq: int | None = None) -> dict[str, object]:
    """What a line of the log says about its room; ``seq`` is the newest that is stored."""
    return {"room": lease.room_id, "epoch": lease.epoch, "seq": lease.last_seq if seq is None else seq}


class Holder(TurnTaker, Protocol):
    """What a tenure asks of the activation that holds it."""

    @property
    def has_mail(self) -> bool: ...

    def next_envelopes(self) -> list[Envelope]: ...

    def receive_again(self, envelopes: Sequence[Envelope]) -> None:
        """These come before all others."""
        ...

    def drop(self, reason: str) -> None:
        """Throw the memory away; what waits is decided by a fresh one."""
        ...


class Tenure:
    def __init__(self, holder: Holder, context: ActivationContext, acquired: Acquired) -> None:
        self.lease = acquired.lease
        self.is_busy = False  # a batch is being prepared or committed
        self._holder = holder
        self._context = context
        self._room_id = acquired.lease.room_id
        self._last_seq = acquired.lease.last_seq
        self._last_at = acquired.lease.last_at
        self._is_over = False
        self._is_flushed = False
        self._undecided: Batch | None = None  # taken, and waiting for what it must know
        self._timer: Timer | None = None
        self._timer_due_ms = 0
        members = context.audience.members(self._room_id)
        self._object = context.awaken(acquired, members, context.clock.now_ms())

    @property
    def is_quiet(self) -> bool:
        """True when the room may sleep: nothing runs and no timer is pending."""
        return not self.is_busy and self._object.deadline_ms is None

    def end(self) -> list[Envelope]:
        """Nothing of it counts any more. Returns what it had taken and not yet decided."""
        self._is_over = True
        if self._timer is not None:
            self._timer.cancel()
        undecided, self._undecided = self._undecided, None
        return undecided.envelopes if undecided is not None else []

    # --- prepare ------------------------------------------------------------------------

    def take_turn(self) -> Batch | None:
        batch = self._next_batch()
        if batch is None:
            return None
        try:
            if batch.is_read:
                self._object.learn(batch.found)
            elif self._must_read(batch):
                return None
            return self._decide(batch)
        except Exception:
            # Its memory cannot be trusted any more, and one of the commands is to blame.
            logger.exception("a bug while deciding", extra=where(self.lease, self._last_seq))
            self._again_one_by_one(batch, "bug")
            return None

    def _next_batch(self) -> Batch | None:
        if self._undecided is not None and self._undecided.is_read:
            batch, self._undecided = self._undecided, None
            return batch
        envelopes = [] if self.is_busy else self._holder.next_envelopes()
        return Batch(envelopes, self.settle) if envelopes else None

    def _must_read(self, batch: Batch) -> bool:
        need = self._object.need([e.command for e in batch.envelopes], self._context.clock.now_ms())
        if need is None:
            return False
        self.is_busy, self._undecided = True, batch
        self._context.storage.load(self.lease, need, done=lambda found: self._on_loaded(batch, found))
        return True

    def _on_loaded(self, batch: Batch, found: Any) -> None:
        if self._is_over:
            return  # its commands went back into the mailbox, in front of what came later
        if isinstance(found, BaseException):
            self._undecided = None
            if not isinstance(found, ChatError):  # an outage is told by the storage, once for all rooms
                logger.error("a room could not read", exc_info=found, extra=where(self.lease, self._last_seq))
            self._fail(batch, found if isinstance(found, ChatError) else StorageUnavailable(), "read")
        else:
            batch.found, batch.is_read = found, True
            self._context.commits.ready(self._holder)

    # --- decide -------------------------------------------------------------------------

    def _decide(self, batch: Batch) -> Batch:
        batch.turn = turn = Turn(self._context.clock.now_ms())
        answers = [self._handle(envelope, turn) for envelope in batch.envelopes]
        self._object.finish(turn)
        batch.answers = [a.make() if isinstance(a, Deferred) else a for a in answers]
        if turn.events or turn.records:
            batch.write = self._write(turn)
        self.is_busy = True
        return batch

    def _handle(self, envelope: Envelope, turn: Turn) -> Any:
        envelope.attempts += 1
        if envelope.is_void:
            return OutOfStep()
        try:
            return self._object.handle(envelope.command, turn)
        except ChatError as refusal:
            return refusal

    def _write(self, turn: Turn) -> RoomWrite:
        newest = turn.events[-1] if turn.events else None
        return RoomWrite(
            lease=self.lease,
            previous_seq=self._last_seq,
            last_seq=newest.seq if newest else self._last_seq,
            last_at=newest.ts if newest else self._last_at,
            events=turn.events,
            records=turn.records,
        )

    # --- settle -------------------------------------------------------------------------

    def settle(self, batch: Batch, outcome: Outcome) -> None:
        """The commit has answered; only now may anything of the batch be seen."""
        if self._is_over:  # the node was declared dead meanwhile: the next owner tells what is stored
            batch.answer_all(OwnerUnavailable())
        elif outcome is not Outcome.COMMITTED:
            self._undo(batch, outcome)
        elif batch.write is None and not self._context.is_trusted:
            self._fail(batch, OwnerUnavailable(), "self_fence")
        else:
            self._let_out(batch)

    def _let_out(self, batch: Batch) -> None:
        try:
            self._tell(batch)
            self.is_busy = False
            self.go_on()
        except Exception:  # stored, but perhaps not seen by all: the next wake has it repaired
            logger.exception("a bug while letting effects out", extra=where(self.lease, self._last_seq))
            self._fail(batch, OwnerUnavailable(), "bug")
            self._repair()

    def _tell(self, batch: Batch) -> None:
        audience, turn = self._context.audience, batch.turn
        if batch.write is not None:
            self._last_seq, self._last_at = batch.write.last_seq, batch.write.last_at
        for member in turn.exits:
            audience.leave(self._room_id, member)
        if turn.broadcasts:
            audience.deliver(self._room_id, self.lease.epoch, turn.broadcasts)
        for member in turn.entrances:
            audience.enter(self._room_id, member, self._last_seq)
        for envelope, answer in zip(batch.envelopes, batch.answers, strict=True):
            envelope.answer(answer)

    def _undo(self, batch: Batch, outcome: Outcome) -> None:
        reason = outcome.word
        if outcome in _TOLD:
            logger.warning("a write was not stored: %s", reason, extra=where(self.lease, self._last_seq))
        match outcome:
            case Outcome.STALE | Outcome.DUPLICATE | Outcome.OUTDATED:
                self._again(batch, reason)
            case Outcome.REFUSED:
                self._again_one_by_one(batch, reason)
            case Outcome.UNAVAILABLE:
                self._fail_for_now(batch, StorageUnavailable(), reason)
            case Outcome.FULL:
                self._fail_for_now(batch, StorageFull(), reason)
            case _:  # in doubt: nobody knows, and the retry will find out
                self._fail(batch, OwnerUnavailable(), reason)
                self._repair()

    def _again(self, batch: Batch, reason: str) -> None:
        """Certainly not stored: a fresh tenure decides anew, or finds that another node owns the room."""
        if any(envelope.attempts >= ATTEMPT_LIMIT for envelope in batch.envelopes):
            self._fail(batch, OwnerUnavailable(), reason)
            return
        self._holder.drop(reason)
        self._context.again(self._room_id, batch.envelopes)

    def _again_one_by_one(self, batch: Batch, reason: str) -> None:
        if len(batch.envelopes) == 1:
            self._fail(batch, Internal(), reason)
            return
        self._holder.drop(reason)
        self._context.again(self._room_id, batch.envelopes, one_by_one=True)

    def _fail(self, batch: Batch, error: ChatError, reason: str) -> None:
        self._holder.drop(reason)
        batch.answer_all(error)

    def _fail_for_now(self, batch: Batch, error: ChatError, reason: str) -> None:
        self._fail(batch, error, reason)
        # Somebody's grace may be running out, and the memory that knew of it is gone. Not at once:
        # what failed may go on failing.
        self._context.scheduler.call_later(REPAIR_SECONDS, self._repair)

    def _repair(self) -> None:
        """Wake even without mail: a wake announces the head, and so shows what the commit left."""
        self._context.again(self._room_id, ())

    # --- on and on ----------------------------------------------------------------------

    def go_on(self) -> None:
        if self._holder.has_mail:
            self._context.commits.ready(self._holder)
        self._arm()

    def flush(self) -> None:
        """Store what the object keeps back, if anything."""
        if not self._is_flushed and self._object.deadline_ms is not None:
            self._is_flushed = True
            self._send_tick(is_last=True)

    def _arm(self) -> None:
        """Have a tick sent when the object wants one; an earlier timer simply finds nothing due."""
        due_ms = self._object.deadline_ms
        if due_ms is None or (self._timer is not None and self._timer_due_ms <= due_ms):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer_due_ms = due_ms
        seconds = max(0, due_ms - self._context.clock.now_ms()) / 1000
        self._timer = self._context.scheduler.call_later(seconds, self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        self._send_tick(is_last=False)

    def _send_tick(self, *, is_last: bool) -> None:
        tick = self._context.tick(self._room_id, is_last=is_last)
        self._holder.receive_again([Envelope(tick, stays=True)])
