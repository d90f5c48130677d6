"""Gaps: what did not arrive is read from the log, and what is behind it waits.

A delivery between nodes may be lost, and an owner may die between its commit and its word. The next
event, or a head that somebody announces, shows it. Events are what is stored, so it does not matter
who tells them: the log's are as good as the owner's.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Protocol

from chatapp.errors import StorageUnavailable
from chatapp.gateway.delivery.encoded_updates import encode_update
from chatapp.gateway.delivery.listening import Listening
from chatapp.kernel.ports import Scheduler
from chatapp.relay.peer_messages import EncodedUpdate
from chatapp.rooms.events import RoomEvent

PAGE = 200
TOO_FAR = 2_000  # as for a client that comes back
RETRY_SECONDS = 1.0

logger = logging.getLogger(__name__)

OnRead = Callable[[Sequence[RoomEvent] | BaseException], None]


class ReadLog(Protocol):
    def __call__(self, room_id: str, *, after: int, limit: int, done: OnRead) -> None:
        """Events with ``after < seq``, oldest first, without those that have expired."""
        ...


class Gaps:
    """``tell`` takes updates without a gap before them, ``resync`` makes everybody ask for themselves."""

    def __init__(
        self,
        rooms: dict[str, Listening],
        scheduler: Scheduler,
        *,
        tell: Callable[[Listening, str, int, Sequence[EncodedUpdate]], None],
        resync: Callable[[Listening, str], None],
        site: str,
    ) -> None:
        self._rooms = rooms
        self._scheduler = scheduler
        self._tell = tell
        self._resync = resync
        self._site = site
        self.read_log: ReadLog = _no_log
        self.on_filled: Callable[[int], object] = lambda count: None

    def hand_out(self, room: Listening, room_id: str, epoch: int, updates: Sequence[EncodedUpdate]) -> None:
        """Tell them now, or when the gap before them is filled."""
        if not room.recipients:  # somebody is on the way in, and has seen what is before its own head
            room.wait(epoch, [update for update in updates if update.seq is not None])
            return
        first = next((p.seq for p in updates if p.seq is not None and p.seq > room.head), None)
        if room.is_filling:
            room.wait(epoch, updates)
        elif first is None or first == room.head + 1:
            self._tell(room, room_id, epoch, updates)
        else:
            room.wait(epoch, updates)
            self.fill(room, room_id, first - 1)

    def fill(self, room: Listening, room_id: str, upto: int) -> None:
        """Read what is missing up to there, and tell it."""
        is_running = room.is_filling
        room.wanted = max(room.wanted, upto)
        if is_running:
            return
        if upto - room.head > TOO_FAR:
            room.head, room.wanted = upto, 0
            self._resync(room, room_id)
            self.go_on(room, room_id)
        else:
            self._read(room, room_id)

    def go_on(self, room: Listening, room_id: str) -> None:
        """What has been waiting: it may show the next gap."""
        waiting, room.waiting = room.waiting, []
        for epoch, updates in waiting:
            self.hand_out(room, room_id, epoch, updates)

    def _read(self, room: Listening, room_id: str) -> None:
        if self._rooms.get(room_id) is room:  # or else everybody has left meanwhile
            self.read_log(
                room_id, after=room.head, limit=PAGE, done=lambda found: self._on_read(room, room_id, found)
            )

    def _on_read(self, room: Listening, room_id: str, found: Sequence[RoomEvent] | BaseException) -> None:
        if self._rooms.get(room_id) is not room:
            return
        if isinstance(found, BaseException):
            self._scheduler.call_later(RETRY_SECONDS, self._read, room, room_id)
            return
        self.on_filled(len(found))
        updates = [encode_update(room_id, event, with_plain=True, site=self._site) for event in found]
        self._tell(room, room_id, room.epoch, updates)
        if len(found) < PAGE:
            room.head = max(room.head, room.wanted)  # what is not there any more has expired
        if room.head < room.wanted:
            self._read(room, room_id)
        else:
            room.wanted = 0
            self.go_on(room, room_id)


def _no_log(room_id: str, *, after: int, limit: int, done: OnRead) -> None:
    done(StorageUnavailable())
