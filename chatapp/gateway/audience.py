"""The audience: everybody on this node who listens to a room, in whichever dialect.

A room's Socket.IO listeners *are* the Socket.IO room of its name; beside them stand the plain
sockets. What the room says is encoded once per dialect, and all that one commit brings reaches a
recipient in one write. Nobody gets an event twice, an event from before they entered, or a signal
of an owner that has been replaced.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from chatapp.gateway import frames
from chatapp.gateway.connections import Connections
from chatapp.gateway.fanout import Fanout
from chatapp.gateway.lines import PlainLine, SocketIoLine
from chatapp.gateway.listeners import Listeners
from chatapp.protocol import Resync, encode_broadcast, encode_plain_broadcast, encode_resync
from chatapp.rooms.commands import Member
from chatapp.rooms.events import Broadcast, ReadMoved, RoomEvent
from chatapp.runtime import HubScheduler


class _Listening:
    """One room with members here. ``head`` is the newest event that all of them have been sent.

    By connection: one that joins again, under another name perhaps, is not there twice.
    """

    def __init__(self) -> None:
        self.epoch = 0
        self.head = 0
        self.circle = object()  # another one whenever somebody has come
        self.members: dict[str, Member] = {}
        self.lines: dict[str, SocketIoLine | PlainLine] = {}
        self.by_user: dict[str, dict[str, SocketIoLine]] = {}


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
    ) -> None:
        """``on_delivered`` is told how many frames were handed to sockets."""
        self._listeners = listeners
        self._namespace = namespace
        self._connections = connections
        self._on_delivered = on_delivered
        self._fanout = Fanout(scheduler)
        self._rooms: dict[str, _Listening] = {}

    def deliver(self, room_id: str, epoch: int, broadcasts: Sequence[Broadcast]) -> None:
        room = self._rooms.get(room_id)
        if room is None:
            return
        fresh = [broadcast for broadcast in broadcasts if _is_fresh(room, epoch, broadcast)]
        room.epoch = max(room.epoch, epoch)
        everybody = []
        for broadcast in fresh:
            if isinstance(broadcast, ReadMoved):
                self._tell_person(room, room_id, broadcast)
            else:
                everybody.append(broadcast)
            if isinstance(broadcast, RoomEvent):
                room.head = broadcast.seq
        self._tell_everybody(room, room_id, everybody)

    def announce(self, room_id: str, epoch: int, head: int) -> None:
        room = self._rooms.get(room_id)
        if room is None or epoch < room.epoch:
            return
        room.epoch = epoch
        if head > room.head:
            room.head = head
            resync = encode_resync(Resync(room=room_id, reason="owner_moved", head=head))
            self._listeners.send_events(self._namespace, room_id, [resync])
            for line in _plain(room):
                line.socket.close(frames.SERVICE_RESTART)

    def enter(self, room_id: str, member: Member, head: int) -> None:
        connection = self._connections.get(member.connection_id)
        if connection is None or not connection.is_open:
            return  # gone before the room could answer
        room = self._rooms.setdefault(room_id, _Listening())
        room.head = max(room.head, head)
        line = connection.line
        assert isinstance(line, SocketIoLine | PlainLine)  # there are no other dialects
        room.circle = object()
        room.members[connection.id], room.lines[connection.id] = member, line
        if isinstance(line, SocketIoLine):
            room.by_user.setdefault(member.user_id, {})[connection.id] = line
            self._listeners.enter_room(line.sid, self._namespace, room_id)

    def leave(self, room_id: str, member: Member) -> None:
        room = self._rooms.get(room_id)
        line = room.lines.pop(member.connection_id, None) if room else None
        if room is None or line is None:
            return
        del room.members[member.connection_id]
        if isinstance(line, SocketIoLine):
            self._listeners.leave_room(line.sid, self._namespace, room_id)
            mine = room.by_user[member.user_id]
            del mine[member.connection_id]
            if not mine:
                del room.by_user[member.user_id]
        if not room.lines:
            del self._rooms[room_id]

    def members(self, room_id: str) -> Sequence[Member]:
        room = self._rooms.get(room_id)
        return tuple(room.members.values()) if room else ()

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

    def _tell_person(self, room: _Listening, room_id: str, broadcast: ReadMoved) -> None:
        encoded = encode_broadcast(room_id, broadcast)
        for line in room.by_user.get(broadcast.user_id, {}).values():
            if encoded is not None:
                line.send(encoded)

    def _tell_everybody(self, room: _Listening, room_id: str, broadcasts: Sequence[Broadcast]) -> None:
        plain = _plain(room)
        if room.by_user:
            encoded = (encode_broadcast(room_id, broadcast) for broadcast in broadcasts)
            arrays = [array for array in encoded if array]
            self._listeners.send_events(self._namespace, room_id, arrays, circle=room.circle)
            self._on_delivered(len(arrays) * (len(room.lines) - len(plain)))
        if plain:
            encoded = (encode_plain_broadcast(broadcast) for broadcast in broadcasts)
            texts = [text for text in encoded if text]
            self._on_delivered(len(texts) * len(plain))
            ready = b"".join(frames.frame(frames.TEXT, text) for text in texts)
            if ready:
                self._fanout.push(room_id, plain, ready, _send_plain, circle=room.circle)


def _send_plain(line: PlainLine, ready_frames: bytes) -> None:
    line.socket.send_broadcast(ready_frames)


def _is_fresh(room: _Listening, epoch: int, broadcast: Broadcast) -> bool:
    if isinstance(broadcast, RoomEvent):
        return broadcast.seq > room.head
    return epoch >= room.epoch


def _plain(room: _Listening) -> list[PlainLine]:
    return [line for line in room.lines.values() if isinstance(line, PlainLine)]
