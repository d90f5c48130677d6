"""Who is connected and in which Socket.IO rooms: python-socketio's manager, with an index and a fast path.

An emit encodes its packet once and writes one ready frame to every WebSocket in the room, past the
queues; polling clients and flask_socketio's test client get it through theirs. A connection's own
rooms are known by an index, so that nothing here walks all rooms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
from engineio.packet import MESSAGE
from engineio.packet import Packet as EngineIoPacket
from socketio import Manager

from chatapp.gateway.wire import frames
from chatapp.gateway.wire.fanout import Fanout
from chatapp.gateway.wire.packets import event_bytes
from chatapp.gateway.wire.websocket import WebSocket
from chatapp.runtime import HubScheduler, spawn

# Beyond it the next turn of the hub must not wait until everybody has been written to: their writes
# are made in slices.
CROWD = 64


class Listeners(Manager):
    """``sockets`` holds the connections that are ready for frames, by their Engine.IO id."""

    def __init__(self, scheduler: HubScheduler, on_left: Callable[[str], object]) -> None:
        super().__init__()
        self.sockets: dict[str, WebSocket] = {}
        self._fanout = Fanout(scheduler)
        self._on_left = on_left
        self._entered: dict[tuple[str, str], set[str | None]] = {}
        self._ends: dict[str, Callable[[], object]] = {}

    # --- the fast path ---

    def emit(
        self,
        event: str,
        data: Any,
        namespace: str,
        room: Any = None,
        skip_sid: str | list[str] | None = None,
        callback: Any = None,
        to: Any = None,
        **kwargs: Any,
    ) -> None:
        room = to or room
        if callback or isinstance(room, (list, tuple)):
            super().emit(event, data, namespace, room, skip_sid, callback, **kwargs)
            return
        args = list(data) if isinstance(data, tuple) else [] if data is None else [data]
        skipped = skip_sid if isinstance(skip_sid, list) else [skip_sid]
        self.send_events(namespace, room, [msgspec.json.encode([event, *args])], skipped)

    def send_events(
        self,
        namespace: str,
        room: str | None,
        arrays: Sequence[bytes],
        skipped: Sequence[str | None] = (),
        *,
        generation: object = None,
    ) -> None:
        """Send events to everybody in the room, in this order, with one write for each recipient.

        An event is given as the JSON array of its name and arguments. ``generation`` is as for
        ``Fanout.push``, and goes with nobody skipped.
        """
        members = self.rooms.get(namespace, {}).get(room)
        if not members or not arrays:
            return
        is_crowd = len(members) > CROWD
        is_broadcast = not self.is_sid_room(namespace, room)
        sockets = self.sockets

        def write(member: tuple[str, str], ready: _Ready) -> None:
            sid, eio_sid = member
            if sid not in members:  # has left while its turn came
                return
            websocket = sockets.get(eio_sid)
            if websocket is None:
                self._send_through_queue(eio_sid, ready.packets)
            elif is_crowd:
                websocket.broadcast_now(ready.frames)
            else:
                websocket.send(ready.frames, is_broadcast=is_broadcast)

        ready = _Ready([event_bytes(namespace, array) for array in arrays])
        recipients: Iterable[tuple[str, str]] = members.items()
        if skipped:
            recipients = [member for member in recipients if member[0] not in skipped]
        self._fanout.push((namespace, room), recipients, ready, write, generation=generation)

    def _send_through_queue(self, eio_sid: str, packets: Sequence[bytes]) -> None:
        for each in packets:
            self.server._send_eio_packet(eio_sid, EngineIoPacket(MESSAGE, each.decode()))

    # --- the index ---

    def basic_enter_room(
        self, sid: str, namespace: str, room: str | None, eio_sid: str | None = None
    ) -> None:
        super().basic_enter_room(sid, namespace, room, eio_sid)
        self._entered.setdefault((namespace, sid), set()).add(room)

    def basic_leave_room(self, sid: str, namespace: str, room: str | None) -> None:
        super().basic_leave_room(sid, namespace, room)
        entered = self._entered.get((namespace, sid))
        if entered is not None:
            entered.discard(room)

    def get_rooms(self, sid: str, namespace: str) -> list[str]:
        return [room for room in self._entered.get((namespace, sid), ()) if room is not None]

    def basic_disconnect(self, sid: str, namespace: str, **_kwargs: Any) -> None:
        eio_sid = self.eio_sid_from_sid(sid, namespace)
        for room in self._entered.pop((namespace, sid), ()):
            super().basic_leave_room(sid, namespace, room)
        self.callbacks.pop(sid, None)
        _discard(self.pending_connect, namespace, sid)
        _discard(self.pending_disconnect, namespace, sid)
        if eio_sid is not None:
            self._on_left(eio_sid)
            self._end_now(eio_sid)

    # --- the end of a connection, at whatever moment it comes ---

    def when_let_in(self, eio_sid: str, end: Callable[[], object]) -> None:
        """Run ``end``, but not while a connect handler is still at work for this connection."""
        if any(self._is_pending(eio_sid, namespace) for namespace in self.rooms):
            self._ends[eio_sid] = end
        else:
            end()

    def connect(self, sid: str, namespace: str) -> str:
        connected: str = super().connect(sid, namespace)
        self._end_now(self.eio_sid_from_sid(connected, namespace))
        return connected

    def forget(self, eio_sid: str) -> None:
        """Remove what failed connect and disconnect handlers left behind."""
        for namespace in list(self.rooms):
            sid = self.sid_from_eio_sid(eio_sid, namespace)
            if sid is not None:
                self.basic_disconnect(sid, namespace)

    def _is_pending(self, eio_sid: str, namespace: str) -> bool:
        sid = self.sid_from_eio_sid(eio_sid, namespace)
        return sid is not None and bool(self.is_pre_connected(sid, namespace))

    def _end_now(self, eio_sid: str | None) -> None:
        end = self._ends.pop(eio_sid, None) if eio_sid else None
        if end is not None:
            spawn(end)


class _Ready:
    """Packets, and the same packets as one run of WebSocket frames; two of these may become one."""

    __slots__ = ("frames", "packets")

    def __init__(self, packets: list[bytes], ready_frames: bytes | None = None) -> None:
        self.packets = packets
        self.frames = ready_frames or b"".join(frames.frame(frames.TEXT, b"4" + each) for each in packets)

    def __len__(self) -> int:
        return len(self.frames)

    def __add__(self, other: _Ready) -> _Ready:
        return _Ready(self.packets + other.packets, self.frames + other.frames)


def _discard(pending: dict[str, list[str]], namespace: str, sid: str) -> None:
    sids: Iterable[str] = pending.get(namespace, ())
    if sid in sids:
        pending[namespace].remove(sid)
        if not pending[namespace]:
            del pending[namespace]
