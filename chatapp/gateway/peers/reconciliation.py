"""Reconciliation: what this node knows of rooms that others own, compared with the database and with them.

Every five seconds it compares how far they have heard each room with the log, so that nothing stays
missed although nothing more comes. And it sends session snapshots: an owner is told all who are here,
when it is a new one, when this node has a new name, when the relay is back, and every 15 seconds.
When a node has died, its sessions are ended the same way: by an empty snapshot.
"""

from __future__ import annotations

import itertools
import logging
from collections import deque
from collections.abc import Sequence

from chatapp.access import Access, LeaseState
from chatapp.errors import ChatError
from chatapp.gateway.delivery.audience import Audience
from chatapp.gateway.talk.joined_rooms import JoinedRooms
from chatapp.kernel.ports import Relay, Scheduler
from chatapp.kernel.router import Router
from chatapp.relay.peer_messages import Aside
from chatapp.rooms.attendance.aspect import SyncSessions

RECONCILE_SECONDS = 5.0
RECONCILIATIONS_PER_SNAPSHOT = 3
ROOMS_AT_ONCE = 500
WAKES_PER_SECOND = 50
LAST_SNAPSHOT = 1 << 62  # of a node that sends no more

logger = logging.getLogger(__name__)


class Reconciliation:
    def __init__(
        self,
        *,
        audience: Audience,
        access: Access,
        router: Router,
        relay: Relay,
        joined_rooms: JoinedRooms,
        scheduler: Scheduler,
    ) -> None:
        self._audience = audience
        self._access = access
        self._router = router
        self._relay = relay
        self._joined_rooms = joined_rooms
        self._scheduler = scheduler
        self._snapshot_numbers = itertools.count(1)
        self._reconciliations = itertools.count(1)
        self._dead_nodes: set[str] = set()
        self._rooms_to_tell: deque[tuple[str, str]] = deque()  # rooms, and the dead node

    def start(self) -> None:
        self._scheduler.call_later(RECONCILE_SECONDS, self._reconcile_again)

    def _reconcile_again(self) -> None:
        self._scheduler.call_later(RECONCILE_SECONDS, self._reconcile_again)
        self._reconcile(is_snapshot_due=next(self._reconciliations) % RECONCILIATIONS_PER_SNAPSHOT == 0)

    def relay_is_back(self) -> None:
        """Whatever was said while it was away has not been heard here."""
        for room_id in self._audience:
            room = self._audience.listening(room_id)
            if room is not None:
                room.may_lack_presence = True
        self.reconcile_now()

    def reconcile_now(self) -> None:
        """Something may have been missed: look at everything, and tell every owner."""
        self._reconcile(is_snapshot_due=True)

    def _reconcile(self, *, is_snapshot_due: bool) -> None:
        rooms = iter([room_id for room_id in self._audience if not self._router.is_awake(room_id)])
        while some := list(itertools.islice(rooms, ROOMS_AT_ONCE)):
            self._access.lease_states(some, done=lambda found: self._compare(found, is_snapshot_due))

    def _compare(self, found: Sequence[LeaseState] | ChatError, is_snapshot_due: bool) -> None:
        if isinstance(found, ChatError):
            return  # the next time asks again
        for room in found:
            if self._router.is_awake(room.room_id):
                continue
            self._audience.learn_head(room.room_id, room.epoch, room.head, owner_id=room.owner_id)
            if is_snapshot_due and room.owner_id is not None:
                self.send_snapshot(room.room_id, room.owner_id)

    # --- snapshots --------------------------------------------------------------------------

    def send_snapshot(self, room_id: str, owner_id: str) -> None:
        """Tell the owner who of this node is in the room; it hears it only while the room is awake."""
        if owner_id == self._router.node_id:
            return
        room = self._audience.listening(room_id)
        snapshot = SyncSessions(
            room_id=room_id,
            node_id=self._router.node_id,
            number=next(self._snapshot_numbers),
            members=self._audience.members(room_id),
            joining=self._audience.joining(room_id),
            presence=room.presence if room else None,
            may_lack_presence=room is not None and room.may_lack_presence,
        )
        self._relay.send([owner_id], Aside(sender=self._router.node_id, command=snapshot))

    def renamed(self) -> None:
        """This node was declared dead, and is there again under another name; so are its people."""
        self._joined_rooms.rename_node(self._router.node_id)
        self.reconcile_now()

    # --- the dead ---------------------------------------------------------------------------

    def end_sessions_of(self, node_id: str) -> None:
        """End the sessions of a dead node wherever somebody else could see them."""
        if node_id in self._dead_nodes:
            return
        self._dead_nodes.add(node_id)

        def found(rooms: Sequence[str] | ChatError) -> None:
            if isinstance(rooms, ChatError):
                logger.warning("the rooms of dead node %s could not be read: %s", node_id, rooms.code)
                return
            is_first = not self._rooms_to_tell
            self._rooms_to_tell += [(room_id, node_id) for room_id in rooms]
            if is_first:
                self._tell_next()

        self._access.rooms_with_survivors(node_id, done=found)

    def _tell_next(self) -> None:
        if not self._rooms_to_tell:
            return
        room_id, node_id = self._rooms_to_tell.popleft()
        self._router.send(SyncSessions(room_id=room_id, node_id=node_id, number=LAST_SNAPSHOT, members=()))
        self._scheduler.call_later(1 / WAKES_PER_SECOND, self._tell_next)
