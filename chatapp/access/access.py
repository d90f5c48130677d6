"""Access: what can be asked of a room without its turn.

What is asked neither creates nor wakes a room, sees only what is committed, and never gets what has
expired.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from msgspec.structs import replace

from chatapp.access.history import History, Own, ReadPage, read_page
from chatapp.access.reading import Answer, read
from chatapp.access.searching import Searches, Wanted
from chatapp.errors import ChatError, TargetGone
from chatapp.kernel.ports import Clock
from chatapp.protocol.messages import HistoryAck, mine
from chatapp.protocol.reacting import ReactionsAck, reactions_ack
from chatapp.protocol.rest import PeopleHere, RoomOpening
from chatapp.protocol.search import SearchAck
from chatapp.rooms.events import RoomEvent
from chatapp.rooms.messages.query import Query
from chatapp.rooms.messages.recent_ids import Known
from chatapp.rooms.messages.recovery import Range, RowsAfter
from chatapp.rooms.messages.targets import TargetId
from chatapp.runtime import boottime
from chatapp.store.leases import LeaseState
from chatapp.store.log.reactions import Reacted
from chatapp.store.people.sessions import PeopleIn, RoomOf
from chatapp.store.store import Store
from chatapp.store.threaded import ThreadedStore


class Access:
    def __init__(
        self,
        store: ThreadedStore,
        clock: Clock,
        *,
        retention_ms: int,
        elapsed: Callable[[], float] = boottime,
    ) -> None:
        self._store = store
        self._clock = clock
        self._retention_ms = retention_ms
        self._history = History(store)
        self._searches = Searches(store, cutoff=self._cutoff, elapsed=elapsed)

    def page(
        self,
        room_id: str,
        *,
        before: int | None,
        after: int | None,
        around: int | None,
        limit: int,
        user_id: str,
        done: Answer[HistoryAck],
    ) -> None:
        """``done`` gets the ack of the wire."""
        self._history.page(
            room_id,
            before=before,
            after=after,
            around=around,
            limit=limit,
            cutoff=self._cutoff(),
            user_id=user_id,
            done=lambda page: self._with_own(room_id, user_id, page, done),
        )

    def search(
        self,
        room_id: str,
        user_id: str,
        query: Query,
        *,
        before: int | None,
        limit: int,
        done: Answer[SearchAck],
    ) -> None:
        """What there is soon; the person's search before this one is answered with what it has."""
        self._searches.search(user_id, Wanted(room_id=room_id, query=query, before=before, limit=limit), done)

    def _with_own(
        self, room_id: str, user_id: str, page: ReadPage | ChatError, done: Answer[HistoryAck]
    ) -> None:
        """The reading of a page is shared; what this person has set on its messages is read only for them."""
        if isinstance(page, ChatError):
            done(page)
            return
        if not page.reacted:
            done(page.ack)
            return

        def answered(own: Own | ChatError) -> None:
            done(own if isinstance(own, ChatError) else replace(page.ack, mine=mine(own)))

        if page.user_id == user_id:
            answered(page.own)
        else:
            read(self._store, lambda store: store.reactions.mine(user_id, room_id, page.reacted), answered)

    def reactions(self, room_id: str, target: TargetId, *, done: Answer[ReactionsAck]) -> None:
        """Who has reacted to a message. ``TargetGone`` if there is none such, in whatever room."""
        cutoff = self._cutoff()

        def answered(found: Sequence[Reacted] | ChatError | None) -> None:
            if found is None:
                found = TargetGone(field="target")
            done(found if isinstance(found, ChatError) else reactions_ack(found))

        def job(store: Store) -> Sequence[Reacted] | None:
            return store.reactions.people(room_id, target.seq, target.id, cutoff)

        read(self._store, job, answered)

    def opening(self, room_id: str, user_id: str, *, limit: int, done: Answer[RoomOpening]) -> None:
        """The newest page, how far this person has read, and how often they were called since."""
        cutoff = self._cutoff()

        def job(store: Store) -> tuple[HistoryAck, int, int]:
            newest = store.history.page(room_id, limit=limit, cutoff=cutoff)
            page, reacted, _, own = read_page(store, room_id, user_id, newest)
            if reacted:
                page = replace(page, mine=mine(own))
            read_seq = store.sessions.reads(room_id, [user_id]).get(user_id, 0)
            return page, read_seq, store.mentions.unread(room_id, user_id, cutoff)

        def answered(found: tuple[HistoryAck, int, int] | ChatError) -> None:
            done(found if isinstance(found, ChatError) else self._opening(*found))

        read(self._store, job, answered)

    def _opening(self, page: HistoryAck, read_seq: int, mentions: int) -> RoomOpening:
        return RoomOpening(history=page, read=read_seq, mentions=mentions, retention_ms=self._retention_ms)

    def people(self, room_id: str, *, named: int, done: Answer[PeopleHere]) -> None:
        """Who is in a room, for somebody who is not; of many only some names."""

        def answered(found: PeopleIn | ChatError) -> None:
            done(found if isinstance(found, ChatError) else PeopleHere(names=found.names, count=found.count))

        read(self._store, lambda store: store.sessions.people_in(room_id, named=named), answered)

    def visited(self, user_id: str, *, done: Answer[Sequence[RoomOf]]) -> None:
        """The rooms that this person was in, and how much of each is unread."""
        cutoff = self._cutoff()
        read(self._store, lambda store: store.sessions.rooms_of(user_id, cutoff), done)

    def lookup(
        self, room_id: str, user_id: str, client_ids: Sequence[str], *, done: Answer[Mapping[str, Known]]
    ) -> None:
        """Which of this person's messages the log has."""
        ids = [(user_id, client_id) for client_id in client_ids]

        def job(store: Store) -> Mapping[str, Known]:
            found = store.history.lookup(room_id, ids)
            return {client_id: known for (_, client_id), known in found.items()}

        read(self._store, job, done)

    def heads(self, room_ids: Sequence[str], *, done: Answer[Mapping[str, int]]) -> None:
        """The newest seq of each of these rooms that exists."""
        read(self._store, lambda store: store.history.heads(room_ids), done)

    def events_after(
        self,
        room_id: str,
        *,
        after: int,
        limit: int,
        done: Callable[[Sequence[RoomEvent] | BaseException], None],
    ) -> None:
        """What follows ``after``, oldest first."""
        wanted = Range(after=after, limit=limit, cutoff=self._cutoff())
        read(self._store, lambda store: store.history.range(room_id, wanted), done)

    def rows_after(self, room_id: str, *, after: int, done: Callable[[int | BaseException], None]) -> None:
        """How many rows of the screen follow ``after``."""
        asked = RowsAfter(after=after, cutoff=self._cutoff())
        read(self._store, lambda store: store.history.rows_after(room_id, asked), done)

    def lease_states(self, room_ids: Sequence[str], *, done: Answer[Sequence[LeaseState]]) -> None:
        read(self._store, lambda store: store.lease_states(room_ids), done)

    def rooms_with_survivors(self, node_id: str, *, done: Answer[Sequence[str]]) -> None:
        """The rooms in which a living node has people beside those of this one."""
        read(self._store, lambda store: store.sessions.rooms_with_survivors(node_id), done)

    def _cutoff(self) -> int:
        return self._clock.now_ms() - self._retention_ms
