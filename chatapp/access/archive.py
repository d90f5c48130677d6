"""The archive: what the log knows, asked without its room.

Reads go straight to storage, on threads of their own. They neither create nor wake a room,
they see only what is committed, and they never return what has expired. Whoever asks for a page
that somebody else is waiting for waits for the same reading, unless it has begun: then it could
lack what the second has heard of already.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TypeVar

from chatapp.errors import ChatError, Internal
from chatapp.kernel.ports import Clock
from chatapp.protocol import history_ack
from chatapp.protocol.answers import HistoryAck
from chatapp.protocol.rest import RoomOpening
from chatapp.rooms.events import Known, Range, RoomEvent
from chatapp.store.history import Page
from chatapp.store.leases import LeaseState
from chatapp.store.store import Store
from chatapp.store.threaded import ThreadedStore

logger = logging.getLogger(__name__)

T = TypeVar("T")
Answer = Callable[[T | ChatError], None]


class _Reading:
    """One reading of a page, and everybody who waits for it."""

    def __init__(self) -> None:
        self.has_begun = False  # set by the reader's thread, and only ever to True
        self.answers: list[Answer[HistoryAck]] = []


class Archive:
    def __init__(self, store: ThreadedStore, clock: Clock, *, retention_ms: int) -> None:
        self._store = store
        self._clock = clock
        self._retention_ms = retention_ms
        self._readings: dict[Hashable, _Reading] = {}

    def page(
        self,
        room_id: str,
        *,
        before: int | None,
        after: int | None,
        around: int | None,
        limit: int,
        done: Answer[HistoryAck],
    ) -> None:
        """``done`` gets the ack of the wire."""
        asked = (room_id, before, after, around, limit)
        reading = self._readings.get(asked)
        if reading is not None and not reading.has_begun:
            reading.answers.append(done)
            return
        reading = self._readings[asked] = _Reading()
        reading.answers.append(done)
        cutoff = self._clock.now_ms() - self._retention_ms

        def job(store: Store) -> Page:
            reading.has_begun = True
            return store.history.page(
                room_id, before=before, after=after, around=around, limit=limit, cutoff=cutoff
            )

        def read(page: Page | ChatError) -> None:
            if self._readings.get(asked) is reading:
                del self._readings[asked]
            answer = page if isinstance(page, ChatError) else _history_ack(page)
            for each in reading.answers:
                each(answer)

        self._read(job, read)

    def opening(self, room_id: str, user_id: str, *, limit: int, done: Answer[RoomOpening]) -> None:
        """The newest page, and how far this person has read."""
        cutoff = self._clock.now_ms() - self._retention_ms

        def job(store: Store) -> tuple[Page, int]:
            page = store.history.page(room_id, limit=limit, cutoff=cutoff)
            return page, store.sessions.reads(room_id, [user_id]).get(user_id, 0)

        def read(found: tuple[Page, int] | ChatError) -> None:
            done(found if isinstance(found, ChatError) else self._opening(*found))

        self._read(job, read)

    def _opening(self, page: Page, read_seq: int) -> RoomOpening:
        return RoomOpening(history=_history_ack(page), read=read_seq, retention_ms=self._retention_ms)

    def lookup(
        self, room_id: str, user_id: str, client_ids: Sequence[str], *, done: Answer[Mapping[str, Known]]
    ) -> None:
        """Which of this person's messages the log has."""
        ids = [(user_id, client_id) for client_id in client_ids]

        def job(store: Store) -> Mapping[str, Known]:
            found = store.history.lookup(room_id, ids)
            return {client_id: known for (_, client_id), known in found.items()}

        self._read(job, done)

    def heads(self, room_ids: Sequence[str], *, done: Answer[Mapping[str, int]]) -> None:
        """The newest seq of each of these rooms that exists."""
        self._read(lambda store: store.history.heads(room_ids), done)

    def events_after(
        self,
        room_id: str,
        *,
        after: int,
        limit: int,
        done: Callable[[Sequence[RoomEvent] | BaseException], None],
    ) -> None:
        """What follows ``after`` and has not expired, oldest first."""
        cutoff = self._clock.now_ms() - self._retention_ms
        wanted = Range(after=after, limit=limit)
        self._read(lambda store: store.history.range(room_id, wanted, cutoff), done)

    def lease_states(self, room_ids: Sequence[str], *, done: Answer[Sequence[LeaseState]]) -> None:
        self._read(lambda store: store.lease_states(room_ids), done)

    def rooms_with_survivors(self, node_id: str, *, done: Answer[Sequence[str]]) -> None:
        """The rooms in which a living node has people beside those of this one."""
        self._read(lambda store: store.sessions.rooms_with_survivors(node_id), done)

    def _read(self, job: Callable[[Store], T], done: Answer[T]) -> None:
        self._store.read(job, lambda result: done(_refusal_or(result)))


def _history_ack(page: Page) -> HistoryAck:
    return history_ack(
        page.events,
        covers=None if page.first is None or page.last is None else (page.first, page.last),
        stream_id=page.stream_id,
        head=page.head,
        floor=page.floor,
        more_before=page.more_before,
        more_after=page.more_after,
    )


def _refusal_or(result: T | BaseException) -> T | ChatError:
    if isinstance(result, BaseException) and not isinstance(result, ChatError):
        logger.error("a bug while reading the log", exc_info=result)
        return Internal()
    return result
