"""History: pages of a room's log.

Whoever asks for a page that somebody else is waiting for waits for the same reading, unless it has
begun: then it could lack what the second has heard of already.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from msgspec import UNSET

from chatapp.access.reading import Answer, read
from chatapp.errors import ChatError
from chatapp.protocol.messages import HistoryAck, LogEvent, history_ack
from chatapp.store.log.history import Page
from chatapp.store.store import Store
from chatapp.store.threaded import ThreadedStore

Own: TypeAlias = Mapping[int, Sequence[str]]
"""What a person has set themselves, by the seq of the message."""


class ReadPage(NamedTuple):
    """A page as it goes to everybody, and the seqs of the rows on it that somebody has reacted to.

    ``own`` is of the one person for whom it was read: mostly nobody else has asked for the same.
    """

    ack: HistoryAck
    reacted: Sequence[int]
    user_id: str
    own: Own


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
        user_id: str,
        done: Answer[ReadPage],
    ) -> None:
        asked = (room_id, before, after, around, limit)
        reading = self._readings.get(asked)
        if reading is not None and not reading.has_begun:
            reading.answers.append(done)
            return
        reading = self._readings[asked] = _Reading()
        reading.answers.append(done)

        def job(store: Store) -> ReadPage:
            reading.has_begun = True
            page = store.history.page(
                room_id, before=before, after=after, around=around, limit=limit, cutoff=cutoff
            )
            return read_page(store, room_id, user_id, page)

        def answered(page: ReadPage | ChatError) -> None:
            if self._readings.get(asked) is reading:
                del self._readings[asked]
            for each in reading.answers:
                each(page)

        read(self._store, job, answered)


def read_page(store: Store, room_id: str, user_id: str, page: Page) -> ReadPage:
    ack = page_ack(page)
    reacted = _with_reactions(ack.events)
    return ReadPage(ack, reacted, user_id, store.reactions.mine(user_id, room_id, reacted) if reacted else {})


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
