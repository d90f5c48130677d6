"""The audience: everybody on this node who listens to a room, in whichever dialect.

A room's Socket.IO listeners *are* the Socket.IO room of its name; beside them stand the plain
sockets. What the room says is encoded once per dialect, and goes to those who listen here and to the
nodes of those who listen elsewhere; what the owner of a room on another node says, to those here. A gap
in what arrives is filled from the log before anything behind it is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from chatapp.gateway.delivery.connections import Connections
from chatapp.gateway.delivery.encoded_updates import encode_update
from chatapp.gateway.delivery.gaps import Gaps
from chatapp.gateway.delivery.listening import Listening, PendingJoin
from chatapp.gateway.delivery.local_delivery import LocalDelivery
from chatapp.gateway.delivery.recipients import PlainRecipient, SocketIoRecipient
from chatapp.gateway.delivery.remote_audiences import RemoteAudiences
from chatapp.gateway.wire.listeners import Listeners
from chatapp.relay.peer_messages import Delivery, Heads
from chatapp.rooms.commands import Member
from chatapp.rooms.events import Broadcast
from chatapp.runtime import HubScheduler


class Audience:
    """Fulfils ``kernel.ports.Audience``."""

    def __init__(
        self,
        *,
        listeners: Listeners,
        namespace: str,
        connections: Connections,
        scheduler: HubScheduler,
        on_delivered: Callable[[int], object],
        remote_audiences: RemoteAudiences | None = None,
        site: str = "",
    ) -> None:
        """``on_delivered`` is told how many frames were handed to sockets.

        ``remote_audiences`` are the nodes that listen elsewhere; None: there are no others. ``site`` is the
        address that people open, if one is known.
        """
        self._listeners = listeners
        self._namespace = namespace
        self._connections = connections
        self._remote_audiences = remote_audiences
        self._local = LocalDelivery(listeners, namespace, scheduler, on_delivered)
        self._rooms: dict[str, Listening] = {}
        self._site = site
        self.gaps = Gaps(
            self._rooms, scheduler, tell=self._local.deliver, resync=self._local.resync, site=site
        )
        self.on_new_owner: Callable[[str, str], object] = lambda room_id, owner_id: None
        self.on_unheard: Callable[[str, str], object] = lambda room_id, owner_id: None
        self.on_told: Callable[[Sequence[Broadcast]], object] = lambda broadcasts: None
        """What rooms that are awake here have stored and say, whether or not anybody listens."""

    # --- rooms that are awake here ----------------------------------------------------------

    def open(self, room_id: str, listening: Sequence[str]) -> None:
        if self._remote_audiences is not None:
            self._remote_audiences.open(room_id, listening)

    def close(self, room_id: str) -> None:
        if self._remote_audiences is not None:
            self._remote_audiences.close(room_id)

    def deliver(self, room_id: str, epoch: int, broadcasts: Sequence[Broadcast]) -> None:
        self.on_told(broadcasts)
        room = self._rooms.get(room_id)
        is_heard_afar = self._remote_audiences is not None and self._remote_audiences.has(room_id)
        if room is None and not is_heard_afar:
            return
        has_plain = is_heard_afar or (room is not None and bool(room.plain or room.pending_joins))
        updates = [
            encode_update(room_id, broadcast, with_plain=has_plain, site=self._site)
            for broadcast in broadcasts
        ]
        if is_heard_afar and self._remote_audiences is not None:
            self._remote_audiences.deliver(room_id, epoch, updates)
        if room is not None:
            self.gaps.hand_out(room, room_id, epoch, updates)

    def announce(self, room_id: str, epoch: int, head: int) -> None:
        if self._remote_audiences is not None:
            self._remote_audiences.announce(room_id, epoch, head)
        self.learn_head(room_id, epoch, head)

    # --- rooms that are awake elsewhere -----------------------------------------------------

    def hear(self, heard: Delivery | Heads) -> None:
        """What another node, as owner of rooms, has to tell."""
        if isinstance(heard, Heads):
            for told in heard.heads:
                where = told.room_id, told.epoch, told.head
                self.learn_head(*where, owner_id=heard.sender, presence=told.presence)
            return
        room = self._rooms.get(heard.room_id)
        if room is None:
            self.on_unheard(heard.room_id, heard.sender)
            return
        self._note_owner(room, heard.room_id, heard.epoch, heard.sender)
        self.gaps.hand_out(room, heard.room_id, heard.epoch, heard.updates)

    def learn_head(
        self, room_id: str, epoch: int, head: int, *, owner_id: str | None = None, presence: int | None = None
    ) -> None:
        """The log goes up to there, says its owner, or the database; only an owner knows of presence."""
        room = self._rooms.get(room_id)
        if room is None or epoch < room.epoch:
            return
        self._note_owner(room, room_id, epoch, owner_id)
        room.epoch = epoch
        if owner_id is not None and presence is not None and room.lacks((epoch, presence)):
            self.on_new_owner(room_id, owner_id)  # it answers a snapshot with what is missing
        if room.recipients and head > room.head:
            self.gaps.fill(room, room_id, head)

    def _note_owner(self, room: Listening, room_id: str, epoch: int, owner_id: str | None) -> None:
        if epoch < room.epoch:
            return
        is_new = epoch > room.epoch or owner_id != room.owner_id
        room.owner_id = owner_id
        if is_new and owner_id is not None and room.recipients:
            self.on_new_owner(room_id, owner_id)

    # --- coming and going -------------------------------------------------------------------

    def expect(self, room_id: str, connection_id: str) -> PendingJoin:
        """Somebody is about to ask to be let in; ``join_answered`` must follow, whatever the answer."""
        pending_join = PendingJoin(connection_id)
        self._rooms.setdefault(room_id, Listening()).pending_joins.append(pending_join)
        return pending_join

    def enter(self, room_id: str, member: Member, head: int) -> None:
        if self._remote_audiences is not None and self._remote_audiences.enter(room_id, member):
            return  # it is that node's, which hears of it by the answer
        connection = self._connections.get(member.connection_id)
        if connection is None or not connection.is_open:
            return  # gone before the room could answer
        room = self._rooms.setdefault(room_id, Listening())
        if not room.recipients:
            room.head = head
        elif head > room.head and connection.id not in room.recipients:
            room.ahead[connection.id] = head
            self.gaps.fill(room, room_id, head)
        recipient = connection.recipient
        assert isinstance(recipient, SocketIoRecipient | PlainRecipient)  # there are no other dialects
        room.add(member, recipient)
        if isinstance(recipient, SocketIoRecipient):
            self._listeners.enter_room(recipient.sid, self._namespace, room_id)

    def let_in(
        self, pending_join: PendingJoin, room_id: str, member: Member, head: int, presence: tuple[int, int]
    ) -> None:
        """The owner has let it in. If that is another node, it did not yet ``enter`` here."""
        room = self._rooms[room_id]
        room.met(presence)
        if member.connection_id not in room.recipients:
            self.enter(room_id, member, head)
            pending_join.is_new, pending_join.head = member.connection_id in room.recipients, head

    def join_answered(self, pending_join: PendingJoin, room_id: str) -> None:
        """It has its answer; now comes what the others were sent while it was waiting."""
        room = self._rooms[room_id]
        room.pending_joins.remove(pending_join)
        if room.is_deserted:
            del self._rooms[room_id]
            return
        if pending_join.is_new:
            self._local.catch_up(room.recipients[pending_join.connection_id], pending_join)
        if room.recipients and not room.is_filling:
            self.gaps.go_on(room, room_id)

    def leave(self, room_id: str, member: Member) -> None:
        if self._remote_audiences is not None:
            self._remote_audiences.leave(room_id, member)
        room = self._rooms.get(room_id)
        recipient = room.remove(member) if room is not None else None
        if room is None or recipient is None:
            return
        if isinstance(recipient, SocketIoRecipient):
            self._listeners.leave_room(recipient.sid, self._namespace, room_id)
        if room.is_deserted:
            del self._rooms[room_id]

    # --- who is here ------------------------------------------------------------------------

    def members(self, room_id: str) -> Sequence[Member]:
        room = self._rooms.get(room_id)
        return tuple(room.members.values()) if room else ()

    def joining(self, room_id: str) -> Sequence[str]:
        """The connections that are about to be let in."""
        room = self._rooms.get(room_id)
        return [pending_join.connection_id for pending_join in room.pending_joins] if room else ()

    def __len__(self) -> int:
        """How many rooms have members here."""
        return len(self._rooms)

    def __iter__(self) -> Iterator[str]:
        """Their ids."""
        return iter(list(self._rooms))

    def head(self, room_id: str) -> int:
        """The newest event that was sent to the room's members here; 0 when there are none."""
        room = self._rooms.get(room_id)
        return room.head if room else 0

    def listening(self, room_id: str) -> Listening | None:
        return self._rooms.get(room_id)

    def replace(self, room_id: str, member: Member) -> None:
        """The same connection, under another name of this node."""
        room = self._rooms.get(room_id)
        if room is not None and member.connection_id in room.members:
            room.members[member.connection_id] = member
