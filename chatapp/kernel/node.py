"""A node: the rooms that are awake in this process, and their common fate.

It wakes a room when somebody speaks to it and puts it to sleep when nobody has for a while.
When the node is declared dead it drops every room and starts anew; when it is asked to stop
it finishes what was begun, releases its rooms, and leaves the table of nodes.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence

from chatapp.errors import OwnerUnavailable
from chatapp.kernel.activation import Activation
from chatapp.kernel.durable_object import Awaken, Tick
from chatapp.kernel.group_commit import GroupCommit
from chatapp.kernel.lease import DatabaseClock, NodeLease
from chatapp.kernel.mailbox import Envelope
from chatapp.kernel.ports import Audience, Done, Meter, Nodes, Scheduler, Storage

SWEEP_LIMIT = 100  # rooms put to sleep in one go, so that the hub turns in between
DRAIN_POLL_SECONDS = 0.02
DRAIN_SHARE = 0.75  # of the time to stop in; the rest is for releasing what is held

logger = logging.getLogger(__name__)


class Node:
    """Fulfils ``ActivationContext`` for its activations."""

    def __init__(  # noqa: PLR0913 - the ports, by name; the factory is the only caller
        self,
        *,
        storage: Storage,
        nodes: Nodes,
        scheduler: Scheduler,
        audience: Audience,
        meter: Meter,
        awaken: Awaken,
        tick: Tick,
        new_node_id: Callable[[], str],
        lease_seconds: float,
        idle_seconds: float,
    ) -> None:
        self.storage = storage
        self.scheduler = scheduler
        self.audience = audience
        self.meter = meter
        self.awaken = awaken
        self.tick = tick
        self.clock = DatabaseClock(scheduler)
        self.commits = GroupCommit(storage, scheduler, meter)
        self.lease = NodeLease(
            nodes=nodes,
            scheduler=scheduler,
            clock=self.clock,
            lease_seconds=lease_seconds,
            new_node_id=new_node_id,
            stalled_seconds=lambda: self.commits.stalled_seconds,
        )
        self.lease.on_lost = self._on_lost
        self.on_lost: Callable[[], None] = lambda: None
        self.on_elsewhere: Callable[[str, str, Sequence[Envelope]], None] = _refuse
        self.is_draining = False
        self._is_gone = False
        self._nodes = nodes
        self._idle_seconds = idle_seconds
        self._awake: OrderedDict[str, Activation] = OrderedDict()  # the longest unused first

    # --- what activations ask for -------------------------------------------------------------

    @property
    def node_id(self) -> str:
        return self.lease.node_id

    @property
    def is_trusted(self) -> bool:
        return self.lease.is_trusted

    def gone(self, room_id: str) -> None:
        self._awake.pop(room_id, None)

    def elsewhere(self, room_id: str, owner_id: str, envelopes: Sequence[Envelope]) -> None:
        self.on_elsewhere(room_id, owner_id, envelopes)

    def again(self, room_id: str, envelopes: Sequence[Envelope], *, one_by_one: bool = False) -> None:
        activation = self._activation(room_id)
        if one_by_one:
            activation.receive_one_by_one(envelopes)
        else:
            activation.receive_again(envelopes)

    # --- rooms ----------------------------------------------------------------------------------

    @property
    def awake_rooms(self) -> int:
        return len(self._awake)

    def is_awake(self, room_id: str) -> bool:
        return room_id in self._awake

    def receive(self, envelope: Envelope) -> None:
        """Raises ``RoomBusy``."""
        self._activation(envelope.command.room_id).receive(envelope)

    def mention(self, envelope: Envelope) -> None:
        """Say it to a room that is awake, without keeping it awake; to no other."""
        activation = self._awake.get(envelope.command.room_id)
        if activation is not None:
            activation.receive_again([envelope])

    def _activation(self, room_id: str) -> Activation:
        activation = self._awake.get(room_id)
        if activation is None:
            activation = self._awake[room_id] = Activation(room_id, self)
        else:
            self._awake.move_to_end(room_id)
        return activation

    def start(self, done: Callable[[BaseException | None], None]) -> None:
        """Register; from ``done(None)`` on this node may own rooms."""
        self.lease.register(done)
        self.scheduler.call_later(self._sweep_seconds, self._sweep)

    def declare_dead_if_proven(self, node_id: str, *, done: Done[bool]) -> None:
        """Declare another node dead, if that can be proven."""
        self._nodes.declare_dead_if_proven(node_id, done=done)

    @property
    def _sweep_seconds(self) -> float:
        return min(1.0, self._idle_seconds / 4)

    def _sweep(self) -> None:
        """Put the idle rooms to sleep; looks at no room that was used since."""
        self.scheduler.call_later(self._sweep_seconds, self._sweep)
        idle_since = self.scheduler.elapsed() - self._idle_seconds
        for _ in range(min(SWEEP_LIMIT, len(self._awake))):
            room_id, activation = next(iter(self._awake.items()))
            if activation.used_at > idle_since:
                break
            self._awake.move_to_end(room_id)
            activation.sleep_if_quiet()

    def _on_lost(self) -> None:
        for activation in list(self._awake.values()):
            activation.drop("owner_moved")
        self.on_lost()

    # --- the end ----------------------------------------------------------------------------------

    def drain(self, *, timeout_seconds: float, done: Callable[[], None]) -> None:
        """Take no new commands, finish what was begun, release every room, and leave.

        ``done`` is called when all leases are released, at the latest after ``timeout_seconds``
        whatever hangs; what is not finished by then was not acknowledged either.
        """
        if self.is_draining:
            return
        self.is_draining = True
        self.scheduler.call_later(timeout_seconds, self._leave, done)
        deadline = self.scheduler.elapsed() + DRAIN_SHARE * timeout_seconds
        self._nodes.set_draining(self.node_id, done=lambda _: self._drain_further(deadline, done))

    def _drain_further(self, deadline: float, done: Callable[[], None]) -> None:
        is_late = self.scheduler.elapsed() >= deadline
        for activation in list(self._awake.values()):
            activation.flush()
        if not is_late and not all(a.is_settled for a in self._awake.values()):
            self.scheduler.call_later(DRAIN_POLL_SECONDS, self._drain_further, deadline, done)
            return
        self.lease.stop()
        self._nodes.resign(self.node_id, done=lambda _: self._leave(done))

    def _leave(self, done: Callable[[], None]) -> None:
        if not self._is_gone:
            self._is_gone = True
            self.lease.stop()
            done()


def _refuse(_room_id: str, _owner_id: str, envelopes: Sequence[Envelope]) -> None:
    """For a node that cannot reach others."""
    for envelope in envelopes:
        envelope.answer(OwnerUnavailable())
