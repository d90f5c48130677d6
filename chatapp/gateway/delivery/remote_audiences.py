"""Remote audiences: the other nodes that have members of rooms which are awake here, and what they are told.

What a commit brought goes once to each of them, already encoded. A short while after a burst they
hear the head too, and the number of the last change of presence, so that the last word cannot be
missed unnoticed; and once more when the relay was away.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from chatapp.kernel.ports import Relay, Scheduler
from chatapp.relay.peer_messages import Delivery, EncodedUpdate, Head, Heads
from chatapp.rooms.commands import Member

HEADS_SECONDS = 0.3
_SOMEBODY = "?"  # a node that is known to have members, though not which


class RemoteAudiences:
    def __init__(self, relay: Relay, scheduler: Scheduler, node_id: Callable[[], str]) -> None:
        self._relay = relay
        self._scheduler = scheduler
        self._node_id = node_id
        self._rooms: dict[str, dict[str, set[str]]] = {}  # room, node: connections
        self._told: dict[str, tuple[int, int, int | None]] = {}  # epoch, newest seq, number of presence
        self._untold: dict[str, None] = {}  # rooms whose heads are to be told
        self._is_scheduled = False

    def has(self, room_id: str) -> bool:
        return room_id in self._rooms

    def open(self, room_id: str, listening: Sequence[str]) -> None:
        if listening:
            self._rooms[room_id] = {node_id: {_SOMEBODY} for node_id in listening}

    def close(self, room_id: str) -> None:
        self._rooms.pop(room_id, None)
        self._told.pop(room_id, None)

    def enter(self, room_id: str, member: Member) -> bool:
        """False if the member is of this node."""
        if member.node_id == self._node_id():
            return False
        self._rooms.setdefault(room_id, {}).setdefault(member.node_id, set()).add(member.connection_id)
        return True

    def leave(self, room_id: str, member: Member) -> None:
        connections = self._rooms.get(room_id, {}).get(member.node_id)
        if connections is not None:
            self.set(room_id, member.node_id, connections - {member.connection_id})

    def set(self, room_id: str, node_id: str, connections: Iterable[str]) -> None:
        """All the connections that a node has in a room."""
        nodes, known = self._rooms.get(room_id, {}), set(connections)
        if known:
            self._rooms.setdefault(room_id, nodes)[node_id] = known
        elif nodes.pop(node_id, None) is not None and not nodes:
            self.close(room_id)

    def forget(self, node_id: str) -> None:
        """The node is dead."""
        for room_id in [room_id for room_id, nodes in self._rooms.items() if node_id in nodes]:
            self.set(room_id, node_id, ())

    # --- telling ----------------------------------------------------------------------------

    def deliver(self, room_id: str, epoch: int, updates: Sequence[EncodedUpdate]) -> None:
        delivery = Delivery(sender=self._node_id(), room_id=room_id, epoch=epoch, updates=updates)
        self._relay.send(list(self._rooms[room_id]), delivery)
        newest = max((update.seq for update in updates if update.seq is not None), default=None)
        presence = next((p.presence for p in reversed(updates) if p.presence is not None), None)
        if newest is None and presence is None:
            return
        before = self._told.get(room_id, (epoch, 0, None))
        head, number = before[1:] if before[0] == epoch else (0, None)
        self._told[room_id] = (epoch, newest or head, number if presence is None else presence)
        self._tell_soon(room_id)

    def tell_again(self) -> None:
        """The relay was away, and with it what was said lately."""
        for room_id in self._told:
            self._tell_soon(room_id)

    def _tell_soon(self, room_id: str) -> None:
        self._untold[room_id] = None
        if not self._is_scheduled:
            self._is_scheduled = True
            self._scheduler.call_later(HEADS_SECONDS, self._tell_heads)

    def announce(self, room_id: str, epoch: int, head: int) -> None:
        if room_id in self._rooms:
            heads = [Head(room_id=room_id, epoch=epoch, head=head)]
            self._relay.send(list(self._rooms[room_id]), Heads(sender=self._node_id(), heads=heads))

    def _tell_heads(self) -> None:
        self._is_scheduled = False
        untold, self._untold = self._untold, {}
        by_node: defaultdict[str, list[Head]] = defaultdict(list)
        for room_id in filter(self._told.__contains__, untold):
            epoch, head, presence = self._told[room_id]
            for node_id in self._rooms.get(room_id, ()):
                by_node[node_id].append(Head(room_id=room_id, epoch=epoch, head=head, presence=presence))
        for node_id, heads in by_node.items():
            self._relay.send([node_id], Heads(sender=self._node_id(), heads=heads))
