"""History: pages of a room's log.

Whoever asks for a page that somebody else is waiting for waits for the same reading, unless it has
begun: then it could lack what the second has heard of already.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple

from msgspec import UNSET

from chatapp.access.reading import Answer, read
from chatapp.errors import ChatError
from chatapp.protocol.messages import HistoryAck, LogEvent, history_ack
from chatapp.store.history import Page
from chatapp.store.store import Store
from chatapp.store.threaded import ThreadedStore


class ReadPage(NamedTuple):
    """A page as it goes to everybody, and the seqs of the rows on it that somebody has reacted to."""

    ack: HistoryAck
    reacted: Sequence[int]


class _Reading:
    """One reading of a page, and everybody who waits for it."""

    def __init__(self) -> None:
        self.has_begun = False  # set by the reader's thread, and only ever to True
        self.answers: list[Answer[ReadPage]] = []


class History:
    def __init__(self, store: ThreadedStore) -> None:
        self._store = store
        self._readings: dict[Hashable, _Reading] = {}

    def page(
        self,
        room_id: str,
        *,
        before: int | None,
        after: int | None,
        around: int | None,
        limit: int,
        cutoff: int,
        done: Answer[ReadPage],
    ) -> None:
        asked = (room_id, before, after, around, limit)
        reading = self._readings.get(asked)
        if reading is not None and not reading.has_begun:
            reading.answers.append(done)
            return
        reading = self._readings[asked] = _Reading()
        reading.answers.append(done)

        def job(store: Store) -> Page:
            reading.has_begun = True
            return store.history.page(
                room_id, before=before, after=after, around=around, limit=limit, cutoff=cutoff
            )

        def answered(page: Page | ChatError) -> None:
            if self._readings.get(asked) is reading:
                del self._readings[asked]
            answer = page if isinstance(page, ChatError) else read_page(page)
            for each in reading.answers:
                each(answer)

        read(self._store, job, answered)


def read_page(page: Page) -> ReadPage:
    ack = page_ack(page)
    return ReadPage(ack, _with_reactions(ack.events))


def _with_reactions(events: Iterable[LogEvent]) -> list[int]:
    """Which of these rows somebody has reacted to; one that only says so has been changed at least."""
    return [event.seq for event in events if event.rev is not UNSET and b'"reactions":' in bytes(event.body)]


def page_ack(page: Page) -> HistoryAck:
    return history_ack(
        page.events,
        covers=None if page.first is None or page.last is None else (page.first, page.last),
        stream_id=page.stream_id,
        head=page.head,
        floor=page.floor,
        more_before=page.more_before,
        more_after=page.more_after,
    )
