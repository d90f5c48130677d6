"""The journal: where the decisions of all rooms that are ready become true, in one transaction.

The fence comes first: ``UPDATE room_leases SET last_seq=:new, last_at=:at WHERE room_id=:r AND
epoch=:e AND owner_id=:me AND last_seq=:prev`` takes the row's lock and counts only for the owner
of this very epoch, at the place in the log from which it decided. Rooms whose fence does not hold
are left out; the others' events and records follow, then COMMIT.

Each room's write is stored wholly or not at all, and one room never costs another its commit: what
the database holds against one row is found, and the rest is stored without it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, Connection, Text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql import ClauseElement, FromClause

from chatapp.kernel.ports import Outcome, RoomWrite
from chatapp.rooms.events import Record
from chatapp.store.database.bulk import Columns, Row, bulk
from chatapp.store.database.engine import Database, commit, let_go
from chatapp.store.database.failures import Failure, in_its_words, judge
from chatapp.store.forgetting.reserve import Reserve
from chatapp.store.log.history import History
from chatapp.store.log.texts import Ring
from chatapp.store.models import room_leases
from chatapp.store.parts import NoLongerSo, Writer

_Numbered = tuple[int, RoomWrite]  # a write and its place in what was asked

_FENCE: Columns = {
    "room": Text(),
    "held": BigInteger(),
    "me": Text(),
    "previous": BigInteger(),
    "new": BigInteger(),
    "at": BigInteger(),
}


def _move(asked: FromClause) -> ClauseElement:
    """The fence: returns the rooms that it held for."""
    lease, wanted = room_leases.c, asked.c
    return (
        update(room_leases)
        .where(
            lease.room_id == wanted.room,
            lease.epoch == wanted.held,
            lease.owner_id == wanted.me,
            lease.last_seq == wanted.previous,
        )
        .values(last_seq=wanted.new, last_at=wanted.at)
        .returning(lease.room_id)
    )


class Journal:
    def __init__(
        self,
        database: Database,
        history: History,
        ring: Ring,
        writers: Mapping[type[Record], Writer],
    ) -> None:
        self._database = database
        self._history = history
        self._reserve = Reserve(database)
        self.trouble: str | None = None  # why the last commit was not stored, if the database is to blame
        self._fences = bulk(database, _FENCE, _move)
        self._ring = ring
        self._writers = writers
        self._in_turn = tuple(dict.fromkeys(writers.values()))

    def commit(self, writes: Sequence[RoomWrite]) -> list[Outcome]:
        """One outcome for each write, in their order. Raises nothing that a caller could mend."""
        self.trouble = None
        if self._reserve.is_spent():
            self.trouble = "the disk is full but for the reserve"
            return [Outcome.FULL] * len(writes)
        outcomes = [Outcome.UNAVAILABLE] * len(writes)
        # By room id, so that two nodes' groups never wait for each other in a circle.
        group = sorted(enumerate(writes), key=lambda numbered: numbered[1].lease.room_id)
        self._commit_group(group, outcomes)
        if Outcome.FULL in outcomes:
            self._reserve.make_room()  # for those who try again
        return outcomes

    def _commit_group(self, group: list[_Numbered], outcomes: list[Outcome]) -> None:
        """Store the group in one transaction, or find out what stands in its way."""
        try:
            connection = self._database.engine.connect()
        except Exception as error:  # noqa: BLE001 - see below
            self._settle(group, outcomes, error)
            return
        try:
            transaction = connection.begin()
            held = self._write(connection, group, outcomes)
        except Exception as error:  # noqa: BLE001 - whatever it is, it came before COMMIT
            let_go(connection)
            self._settle(group, outcomes, error)
            return
        try:
            commit(connection, transaction)
            _mark(held, outcomes, Outcome.COMMITTED)
        except SQLAlchemyError as error:
            self.trouble = in_its_words(error)
            _mark(held, outcomes, self._after_failed_commit(error))
        finally:
            let_go(connection)

    def _after_failed_commit(self, error: SQLAlchemyError) -> Outcome:
        # SQLite writes the mark that makes a transaction count last of all, so a COMMIT that ran
        # out of space did not happen. No other failed COMMIT says whether it did.
        if self._database.is_sqlite and judge(error) is Failure.FULL:
            return Outcome.FULL
        return Outcome.IN_DOUBT

    def _write(
        self, connection: Connection, group: list[_Numbered], outcomes: list[Outcome]
    ) -> list[_Numbered]:
        """The fences, then everything of the rooms whose fence held."""
        moved = self._fences.execute(connection, [_fence(write) for _, write in group])
        rooms = {room_id for (room_id,) in moved}
        held = [numbered for numbered in group if numbered[1].lease.room_id in rooms]
        if len(held) < len(group):
            _mark(group, outcomes, Outcome.STALE)  # those that held are marked by their COMMIT
        self._store(connection, held)
        return held

    def _store(self, connection: Connection, group: list[_Numbered]) -> None:
        self._ring.append(
            connection, [(event, write.lease.epoch) for _, write in group for event in write.events]
        )
        records = [record for _, write in group for record in write.records]
        if records:
            self._store_records(connection, records)

    def _store_records(self, connection: Connection, records: Sequence[Any]) -> None:
        waiting: dict[Writer, list[Any]] = {}
        for record in records:
            waiting.setdefault(self._writer_of(type(record)), []).append(record)
        for writer in self._in_turn:
            if writer in waiting:
                writer(connection, waiting[writer])

    def _writer_of(self, kind: type[Record]) -> Writer:
        if kind not in self._writers:
            raise TypeError(f"the store has no writer for {kind.__name__}")
        return self._writers[kind]

    def _settle(self, group: list[_Numbered], outcomes: list[Outcome], error: Exception) -> None:
        """The group was rolled back: decide what becomes of each room."""
        if isinstance(error, NoLongerSo):
            self._without(error.room_ids, group, outcomes, Outcome.OUTDATED)
            return
        failure = judge(error)
        if failure in (Failure.FULL, Failure.UNAVAILABLE):
            self.trouble = in_its_words(error)
        if failure is Failure.FULL:
            _mark(group, outcomes, Outcome.FULL)
        elif failure is Failure.UNAVAILABLE:
            _mark(group, outcomes, Outcome.UNAVAILABLE)
        elif len(group) == 1:
            _mark(group, outcomes, _ALONE[failure])
        elif failure is Failure.CLIENT_ID_TAKEN:
            self._without_the_known(group, outcomes)
        else:
            for numbered in group:
                self._commit_group([numbered], outcomes)

    def _without_the_known(self, group: list[_Numbered], outcomes: list[Outcome]) -> None:
        """One query says which rooms repeat a client id; the others commit together."""
        ids = [(e.room_id, e.user_id, e.client_id) for _, write in group for e in write.events]
        try:
            repeated = self._history.rooms_that_know(ids)
        except Exception as error:  # noqa: BLE001 - as above
            self._settle(group, outcomes, error)
            return
        if repeated:
            self._without(repeated, group, outcomes, Outcome.DUPLICATE)
            return
        # Nothing repeated in the log: then a write repeats itself, and only alone it is found.
        for numbered in group:
            self._commit_group([numbered], outcomes)

    def _without(
        self, room_ids: Collection[str], group: list[_Numbered], outcomes: list[Outcome], outcome: Outcome
    ) -> None:
        """These rooms have their outcome; the others commit together."""
        _mark([n for n in group if n[1].lease.room_id in room_ids], outcomes, outcome)
        if rest := [n for n in group if n[1].lease.room_id not in room_ids]:
            self._commit_group(rest, outcomes)


_ALONE = {
    Failure.CLIENT_ID_TAKEN: Outcome.DUPLICATE,
    Failure.ROW_REFUSED: Outcome.REFUSED,
    Failure.LOCKED: Outcome.UNAVAILABLE,
}


def _mark(group: list[_Numbered], outcomes: list[Outcome], outcome: Outcome) -> None:
    for number, _ in group:
        outcomes[number] = outcome


def _fence(write: RoomWrite) -> Row:
    lease = write.lease
    return (lease.room_id, lease.epoch, lease.node_id, write.previous_seq, write.last_seq, write.last_at)
