"""Searching: stretch after stretch of a room's log, the newest first, and in between everybody's turn.

Whoever searches is answered after a fifth of a second with what was found until then, and asks on from
where that ended. So nobody waits long, however long a room is or however many look for something, and who
has lost interest only stays away. A person has one search: their next one ends it, with what it has.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Sequence
from time import thread_time
from typing import Any, TypeAlias

import msgspec

from chatapp.access.reading import Answer, scan
from chatapp.errors import ChatError, RoomNotFound
from chatapp.protocol.search import SearchAck, search_ack
from chatapp.rooms.events import RoomEvent
from chatapp.rooms.messages.pages import fitting
from chatapp.rooms.messages.query import Query
from chatapp.store.log.log import Bounds
from chatapp.store.store import Store
from chatapp.store.threaded import ThreadedStore

# Rows. A short text in ASCII takes half a microsecond, the longest in another script some hundred, and so
# does each stretch for itself. So the next one is as long as the last was little work.
FIRST_STRETCH, LONGEST_STRETCH = 100, 6_400
STRETCH_SECONDS = 0.01  # of a processor
ANSWER_AFTER_SECONDS = 0.2

Step: TypeAlias = Callable[[Store], Any]
_Steps: TypeAlias = Generator[Step, Any, SearchAck]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """So many messages of a room at most; those before a place, or the newest."""

    room_id: str
    query: Query
    before: int | None
    limit: int


class Searches:
    """``cutoff`` says what has expired by now, each time it is asked.

    ``worked`` says on the scanner's thread for how many seconds that has had a processor: on a busy machine a
    stretch takes long by waiting, and shorter ones would wait more often.
    """

    def __init__(
        self,
        store: ThreadedStore,
        *,
        cutoff: Callable[[], int],
        elapsed: Callable[[], float],
        worked: Callable[[], float] = thread_time,
    ) -> None:
        self._store = store
        self._cutoff = cutoff
        self._elapsed = elapsed
        self._worked = worked
        self._people: dict[str, deque[_Search]] = {}  # whose turn is next stands first
        self._is_scanning = False

    def search(self, user_id: str, wanted: Wanted, done: Answer[SearchAck]) -> None:
        ends_at = self._elapsed() + ANSWER_AFTER_SECONDS
        searches = self._people.setdefault(user_id, deque())

        def is_over() -> bool:
            return self._elapsed() >= ends_at or searches[-1] is not search

        search = _Search(_steps(wanted, self._cutoff, self._worked, is_over), done)
        searches.append(search)
        if not self._is_scanning:
            self._scan()

    def _scan(self) -> None:
        """One step of whose turn it is."""
        user_id, searches = next(iter(self._people.items()))
        self._is_scanning = True
        scan(self._store, searches[0].step, lambda found: self._scanned(user_id, found))

    def _scanned(self, user_id: str, found: Any) -> None:
        self._is_scanning = False
        searches = self._people.pop(user_id)
        search = searches[0]
        answer = search.take(found)
        if answer is not None:
            searches.popleft()
        if searches:
            self._people[user_id] = searches  # behind everybody else
        if self._people:
            self._scan()
        if answer is not None:
            search.done(answer)


class _Search:
    """One request: the step that is to be done next, on the scanner's thread."""

    def __init__(self, steps: _Steps, done: Answer[SearchAck]) -> None:
        self.done = done
        self.step = next(steps)
        self._steps = steps

    def take(self, found: Any) -> SearchAck | ChatError | None:
        """What the step has found; the answer, if it was the last."""
        if isinstance(found, ChatError):
            return found
        try:
            self.step = self._steps.send(found)
        except StopIteration as end:
            answer: SearchAck = end.value
            return answer
        except ChatError as refusal:
            return refusal
        return None


def _steps(
    wanted: Wanted,
    cutoff: Callable[[], int],
    worked: Callable[[], float],
    is_over: Callable[[], bool],
) -> _Steps:
    """At least one stretch, and as many more as there is time for; then the messages as they are by then."""
    bounds: Bounds | None = yield _bounds(wanted.room_id, cutoff())
    if bounds is None:
        raise RoomNotFound
    seqs: list[int] = []
    searched_to = min(bounds.head + 1, bounds.head + 1 if wanted.before is None else wanted.before)
    rows = FIRST_STRETCH
    while searched_to > bounds.floor:
        first = max(searched_to - rows, bounds.floor)
        missing = wanted.limit - len(seqs)
        stretch = _stretch(wanted, first, searched_to - 1, missing, cutoff())
        found, seconds = yield _timed(stretch, worked)
        rows = _next_stretch(rows, seconds)
        seqs += found
        searched_to = found[-1] if len(found) == missing else first
        if len(found) == missing or is_over():
            break
    messages: list[RoomEvent] = (yield _messages(wanted, seqs, cutoff())) if seqs else []
    brought = fitting(messages)
    if len(brought) < len(messages):
        searched_to = brought[-1].seq
    return search_ack(brought, searched_to=searched_to, more_before=searched_to > bounds.floor)


def _bounds(room_id: str, cutoff: int) -> Step:
    return lambda store: store.history.bounds(room_id, cutoff)


def _stretch(wanted: Wanted, first: int, last: int, limit: int, cutoff: int) -> Step:
    return lambda store: store.search.matches(
        wanted.room_id, wanted.query, first=first, last=last, limit=limit, cutoff=cutoff
    )


def _timed(step: Step, worked: Callable[[], float]) -> Step:
    def timed(store: Store) -> tuple[Any, float]:
        before = worked()
        return step(store), worked() - before

    return timed


def _next_stretch(rows: int, seconds: float) -> int:
    if seconds > STRETCH_SECONDS:
        return max(rows // 2, FIRST_STRETCH)
    return min(rows * 2, LONGEST_STRETCH) if seconds < STRETCH_SECONDS / 2 else rows


def _messages(wanted: Wanted, seqs: Sequence[int], cutoff: int) -> Step:
    return lambda store: store.search.still_matching(
        store.history.messages_at(wanted.room_id, seqs, cutoff), wanted.query
    )
