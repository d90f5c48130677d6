"""A node's right to exist: one heartbeat row, and the clock that comes back with each beat.

Safety never depends on this. What a node writes is fenced by epochs, inside the commit. The
lease only tells the others when they may *try* to take a room, and tells this node, past
its self-fence, to answer nothing from memory.

With L = lease seconds: a beat every L/5; the self-fence falls 0.8 L after the last good beat
was sent. Beats start on the hub, so a hub that hangs beats no more, and a journal that has
had work and finished none for 0.6 L stops them too. (Leases: Gray and Cheriton, "Leases: an
efficient fault-tolerant mechanism for distributed file cache consistency", SOSP 1989.)
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from chatapp.errors import ChatError
from chatapp.kernel.ports import Heartbeat, Nodes, Scheduler, Timer

BEATS_PER_LEASE = 5
SELF_FENCE = 0.8
JOURNAL_STALL = 0.6

logger = logging.getLogger(__name__)


class DatabaseClock:
    """Milliseconds by the database's clock: the offset read with each beat, and our own steady clock."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._offset_ms = 0.0

    def now_ms(self) -> int:
        return int(self._scheduler.elapsed() * 1000 + self._offset_ms)

    def set(self, now_ms: int) -> None:
        self._offset_ms = now_ms - self._scheduler.elapsed() * 1000


class NodeLease:
    """Registers, beats, and says whether this node may still answer from memory."""

    def __init__(
        self,
        *,
        nodes: Nodes,
        scheduler: Scheduler,
        clock: DatabaseClock,
        lease_seconds: float,
        new_node_id: Callable[[], str],
        stalled_seconds: Callable[[], float],
    ) -> None:
        self.node_id = new_node_id()
        self._nodes = nodes
        self._scheduler = scheduler
        self._clock = clock
        self._lease_seconds = lease_seconds
        self._new_node_id = new_node_id
        self._stalled_seconds = stalled_seconds
        self._trusted_until = 0.0
        self._timer: Timer | None = None
        self._is_waiting = False
        self._is_stopped = False
        self.on_lost: Callable[[], None] = lambda: None
        self.on_revoked: Callable[[Sequence[str]], None] = lambda user_ids: None
        self.on_others_dead: Callable[[Sequence[str]], None] = lambda node_ids: None
        self.on_named: Callable[[str], None] = lambda node_id: None

    @property
    def is_trusted(self) -> bool:
        return self._scheduler.elapsed() < self._trusted_until

    def register(self, done: Callable[[BaseException | None], None]) -> None:
        """Enter the table of nodes and start to beat."""
        sent_at = self._scheduler.elapsed()

        def registered(beat: Heartbeat | BaseException) -> None:
            if isinstance(beat, BaseException):
                done(beat)
                return
            self._extend(sent_at, beat)
            self._beat_later()
            done(None)
            if beat.dead_node_ids:
                self.on_others_dead(beat.dead_node_ids)

        self._nodes.register(self.node_id, done=registered)

    def stop(self) -> None:
        self._is_stopped = True
        if self._timer is not None:
            self._timer.cancel()

    def _beat_later(self) -> None:
        if not self._is_stopped:
            seconds = self._lease_seconds / BEATS_PER_LEASE
            self._timer = self._scheduler.call_later(seconds, self._beat)

    def _beat(self) -> None:
        self._beat_later()
        if self._is_waiting or self._stalled_seconds() > JOURNAL_STALL * self._lease_seconds:
            return
        self._is_waiting = True
        sent_at, node_id = self._scheduler.elapsed(), self.node_id
        self._nodes.heartbeat(node_id, done=lambda beat: self._on_beat(sent_at, beat))

    def _on_beat(self, sent_at: float, beat: Heartbeat | BaseException) -> None:
        self._is_waiting = False
        if self._is_stopped:
            return
        if isinstance(beat, BaseException):
            _tell("a heartbeat failed: %s", beat)
        elif beat.alive:
            self._extend(sent_at, beat)
            if beat.revoked_user_ids:
                self.on_revoked(beat.revoked_user_ids)
            if beat.dead_node_ids:
                self.on_others_dead(beat.dead_node_ids)
        else:
            self._on_declared_dead()

    def _extend(self, sent_at: float, beat: Heartbeat) -> None:
        self._clock.set(beat.now_ms)
        self._trusted_until = sent_at + SELF_FENCE * self._lease_seconds

    def _on_declared_dead(self) -> None:
        """Somebody else may own our rooms: forget them all, and begin anew under another id."""
        logger.warning("node %s was declared dead; registering anew", self.node_id)
        self._trusted_until = 0.0
        self.node_id = self._new_node_id()
        self.on_named(self.node_id)  # to be reached by it before anybody can learn it
        self._is_waiting = True
        sent_at = self._scheduler.elapsed()

        def registered(beat: Heartbeat | BaseException) -> None:
            self._is_waiting = False
            if isinstance(beat, BaseException):
                self._on_register_failed(beat)
            elif not self._is_stopped:
                self._extend(sent_at, beat)
                self.on_lost()

        self._nodes.register(self.node_id, done=registered)

    def _on_register_failed(self, error: BaseException) -> None:
        """The next heartbeat finds no row of ours, and tries again under another new id."""
        _tell("could not register anew: %s", error)


def _tell(what: str, error: BaseException) -> None:
    """An outage is told by the storage, once, and not with each beat."""
    if not isinstance(error, ChatError):
        logger.warning(what, type(error).__name__)
