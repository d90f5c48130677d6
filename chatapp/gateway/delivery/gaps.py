"""Gaps: what did not arrive is read from the log, and what is behind it waits.

A delivery between nodes may be lost, and an owner may die between its commit and its word. The next
event, or a head that somebody announces, shows it. Events are what is stored, so it does not matter
who tells them: the log's are as good as the owner's. And better, where something had to wait for long:
its words may have been taken back meanwhile, so it is read once more.
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
from chatapp.rooms.messages.pages import EVENTS_A_ROW

PAGE = 200
TOO_FAR = 2_000  # rows of the screen, as for a client that comes back
WAITS_SECONDS = 5.0  # what has waited longer is read from the log
RETRY_SECONDS = 1.0

logger = logging.getLogger(__name__)

OnRead = Callable[[Sequence[RoomEvent] | BaseException], None]


class ReadLog(Protocol):
    def __call__(self, room_id: str, *, after: int, limit: int, done: OnRead) -> None:
        """Events with ``after < seq``, oldest first, without those that have expired."""
        ...


class CountRows(Protocol):
    def __call__(self, room_id: str, *, after: int, done: Callable[[int | BaseException], None]) -> None:
        """How many rows of the screen with ``after < seq`` there are."""
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
        self.count_rows: CountRows = _no_count
        self.on_filled: Callable[[int], object] = lambda count: None

    def hand_out(
        self,
        room: Listening,
        room_id: str,
        epoch: int,
        updates: Sequence[EncodedUpdate],
        came_at: float | None = None,
    ) -> None:
        """Tell them now, or when the gap before them is filled. ``came_at`` if they have waited before."""
        at = self._scheduler.elapsed() if came_at is None else came_at
        if not room.recipients:  # somebody is on the way in, and has seen what is before its own head
            room.wait(at, epoch, [update for update in updates if update.seq is not None])
            return
        first = next((p.seq for p in updates if p.seq is not None and p.seq > room.head), None)
        if room.is_filling:
            room.wait(at, epoch, updates)
        elif first is None or first == room.head + 1:
            self._tell(room, room_id, epoch, updates)
        else:
            room.wait(at, epoch, updates)
            self.fill(room, room_id, first - 1)

    def fill(self, room: Listening, room_id: str, upto: int) -> None:
        """Read what is missing up to there, and tell it."""
        is_running = room.is_filling
        room.wanted = max(room.wanted, upto)
        if is_running:
            return
        missed = upto - room.head
        if missed > TOO_FAR * EVENTS_A_ROW:
            self._give_up(room, room_id)
        elif missed > TOO_FAR:
            self._count(room, room_id)
        else:
            self._read(room, room_id)

    def go_on(self, room: Listening, room_id: str) -> None:
        """What has been waiting: it may show the next gap."""
        waiting, room.waiting = room.waiting, []
        too_old = self._scheduler.elapsed() - WAITS_SECONDS
        for came_at, epoch, updates in waiting:
            if came_at > too_old or room.is_filling:
                self.hand_out(room, room_id, epoch, updates, came_at)
            elif (last := max((u.seq for u in updates if u.seq is not None), default=0)) > room.head:
                self.fill(room, room_id, last)

    def _give_up(self, room: Listening, room_id: str) -> None:
        room.head, room.wanted = room.wanted, 0
        self._resync(room, room_id)
        self.go_on(room, room_id)

    def _count(self, room: Listening, room_id: str) -> None:
        """Whether it is too far where only changes could make it so many events."""

        def counted(rows: int | BaseException) -> None:
            if self._rooms.get(room_id) is not room:
                return
            if isinstance(rows, BaseException):
                self._scheduler.call_later(RETRY_SECONDS, self._count, room, room_id)
            elif rows > TOO_FAR:
                self._give_up(room, room_id)
            else:
                self._read(room, room_id)

        self.count_rows(room_id, after=room.head, done=counted)

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


def _no_count(room_id: str, *, after: int, done: Callable[[int | BaseException], None]) -> None:
    done(StorageUnavailable())


def _no_log(room_id: str, *, after: int, limit: int, done: OnRead) -> None:
    done(StorageUnavailable())
