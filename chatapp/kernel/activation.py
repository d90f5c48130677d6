"""An activation: one room, awake in this node, or on its way there or back.

    WAKING ──acquired──▶ AWAKE ──idle──▶ FALLING_ASLEEP ──released──▶ GONE
       ▲                   │                    │
       └──── a drop with mail waiting ◀─────────┴── mail that came meanwhile

It holds the mailbox and outlives its tenures: each ``acquire`` begins a ``Tenure`` with fresh
memory, and a drop ends it. Memory is never repaired. What went wrong with a commit or a read
costs the tenure; the next one begins with what the database says.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from enum import Enum, auto

from chatapp.errors import ChatError, Internal, RoomNotFound, StorageUnavailable
from chatapp.kernel.activation_context import ActivationContext
from chatapp.kernel.batch import Batch
from chatapp.kernel.mailbox import Envelope, Mailbox
from chatapp.kernel.ports import Acquired, OwnedElsewhere
from chatapp.kernel.tenure import BATCH_LIMIT, Tenure, where

logger = logging.getLogger(__name__)


class State(Enum):
    WAKING = auto()
    AWAKE = auto()
    FALLING_ASLEEP = auto()
    GONE = auto()


class Activation:
    def __init__(self, room_id: str, context: ActivationContext) -> None:
        self.room_id = room_id
        self.state = State.GONE
        self.used_at = context.scheduler.elapsed()
        self._context = context
        self._mailbox = Mailbox()
        self._tenure: Tenure | None = None
        self._one_by_one = 0  # so many of the waiting get a transaction each
        self._lives = 0  # wakings begun, so that a late callback knows that it is late
        self._woken_at = 0.0

    # --- mail ---------------------------------------------------------------------------

    def receive(self, envelope: Envelope) -> None:
        """Raises ``RoomBusy`` if too many are waiting."""
        self._mailbox.put(envelope)
        self.used_at = self._context.scheduler.elapsed()
        self._attend()

    def receive_again(self, envelopes: Sequence[Envelope]) -> None:
        """These come before all others; without any, the room wakes all the same."""
        self._mailbox.put_back(envelopes)
        self._attend()

    def receive_one_by_one(self, envelopes: Sequence[Envelope]) -> None:
        """Like ``receive_again``, but each in a transaction of its own: one of them is bad."""
        self._one_by_one += len(envelopes)
        self.receive_again(envelopes)

    def next_envelopes(self) -> list[Envelope]:
        if self._one_by_one:
            self._one_by_one -= 1
            return self._mailbox.take(1)
        return self._mailbox.take(BATCH_LIMIT)

    def _attend(self) -> None:
        if self.state is State.GONE:
            self._wake()
        elif self._tenure is not None and not self._tenure.is_busy:
            self._context.commits.ready(self)

    @property
    def has_mail(self) -> bool:
        return bool(self._mailbox)

    def take_turn(self) -> Batch | None:
        """Decide the next batch. None: nothing waits, or something must be read first."""
        return None if self._tenure is None else self._tenure.take_turn()

    # --- waking -------------------------------------------------------------------------

    def _wake(self) -> None:
        self.state = State.WAKING
        self._lives += 1
        life, self._woken_at = self._lives, self._context.scheduler.elapsed()
        self._context.storage.acquire(
            self.room_id,
            node_id=self._context.node_id,
            create=any(envelope.command.creates for envelope in self._mailbox),
            done=lambda acquired: self._on_acquired(life, acquired),
        )

    def _on_acquired(self, life: int, acquired: Acquired | BaseException) -> None:
        if life != self._lives or self.state is not State.WAKING:
            return  # the node was declared dead meanwhile, and dropped this room
        if isinstance(acquired, BaseException):
            self._on_acquire_failed(acquired)
            return
        try:
            self._begin(acquired)
        except Exception:
            logger.exception("a bug while waking", extra=where(acquired.lease))
            waiting = self._mailbox.take_all()
            self._vanish()  # first: an answer may be a new question, and that wakes the room anew
            self._refuse(Internal(), waiting)

    def _begin(self, acquired: Acquired) -> None:
        context = self._context
        tenure = Tenure(self, context, acquired)
        self.state, self._tenure = State.AWAKE, tenure
        if acquired.is_takeover:
            logger.info("a room was taken over", extra=where(acquired.lease))
        context.meter.woke(context.scheduler.elapsed() - self._woken_at, is_takeover=acquired.is_takeover)
        context.audience.open(self.room_id, acquired.listening)
        context.audience.announce(self.room_id, acquired.lease.epoch, acquired.lease.last_seq)
        tenure.go_on()

    def _on_acquire_failed(self, error: BaseException) -> None:
        waiting = self._mailbox.take_all()
        if isinstance(error, OwnedElsewhere):
            self._vanish()
            self._context.elsewhere(self.room_id, error.owner_id, waiting)
            return
        if isinstance(error, RoomNotFound):
            self._mailbox.put_back([e for e in waiting if e.command.creates])
            waiting = [e for e in waiting if not e.command.creates]
        elif not isinstance(error, ChatError):
            logger.error("a room could not wake", exc_info=error, extra={"room": self.room_id})
            error = StorageUnavailable()
        self._rest()
        self._refuse(error, waiting)

    @staticmethod
    def _refuse(error: ChatError, envelopes: Sequence[Envelope]) -> None:
        for envelope in envelopes:
            envelope.answer(error)

    # --- sleeping -----------------------------------------------------------------------

    def sleep_if_quiet(self) -> None:
        """Forget the memory and give the lease back; mail that comes meanwhile wakes it again."""
        if self._tenure is None or not self._tenure.is_quiet or self._mailbox:
            self.used_at = self._context.scheduler.elapsed()  # it has something to do still
            return
        lease, life = self._tenure.lease, self._lives
        self._end_tenure()
        self.state = State.FALLING_ASLEEP
        self._context.meter.hibernated()
        self._context.storage.release(lease, done=lambda _: self._on_released(life))

    def _on_released(self, life: int) -> None:
        if life == self._lives and self.state is State.FALLING_ASLEEP:
            self._rest()

    @property
    def is_settled(self) -> bool:
        """True when nothing is undecided; a room that is between two states is not."""
        return self._tenure is not None and not self._tenure.is_busy and not self._mailbox

    def flush(self) -> None:
        """Before the node stops: have stored what was kept back to be stored together."""
        if self._tenure is not None and self.is_settled:
            self._tenure.flush()

    def drop(self, reason: str) -> None:
        """Throw the memory away; what waits is decided by a fresh one."""
        self._end_tenure()
        self._context.meter.dropped(reason)
        self._rest()

    def _end_tenure(self) -> None:
        if self._tenure is not None:
            tenure, self._tenure = self._tenure, None
            self._mailbox.put_back(tenure.end())
            self._context.audience.close(self.room_id)

    def _rest(self) -> None:
        if self._mailbox:
            self._wake()
        else:
            self._vanish()

    def _vanish(self) -> None:
        self.state = State.GONE
        self._context.gone(self.room_id)
