"""The cleanup: after it, what is older than the retention is nowhere any more.

It may be rung twice, killed anywhere, or forgotten for a day. Each transaction is small, renews
the claim under which it runs, and leaves everything consistent; the next run finds what is left by
looking, so there is nothing to repair.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from enum import Enum
from functools import partial
from typing import TypeVar
from uuid import uuid4

import msgspec
from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from chatapp.jobs.plan import ROOM_LIFE_MS, Plan, cut, decide, halve, pack, pause_seconds, unfinished
from chatapp.store import expiry, forgetting, silence, space
from chatapp.store.alarms import Alarm, Past
from chatapp.store.engine import DAY_MS, Database, now_ms, open_database
from chatapp.store.expiry import LogSlice, LogStart
from chatapp.store.failures import Failure, judge
from chatapp.store.history import History
from chatapp.store.models import sessions, users
from chatapp.store.reserve import Reserve

ALARM = "cleanup"
AHEAD_MS = 3_600_000
WAL_ATTEMPTS = 20
WAL_PAUSE_SECONDS = 0.25
WAL_IN_USE = (
    "something keeps reading the database, so that its write-ahead log still holds what was deleted: "
    "a backup, or a program with an open transaction; let it end, or end it (fuser -v chat.db says who)"
)
TABLE_IN_USE = (
    "a table that has to be written anew is held by somebody else's transaction: let it end, or end it "
    "(pg_stat_activity says who)"
)

T = TypeVar("T")


class Ending(Enum):
    DONE = "done"
    UNFINISHED = "unfinished"  # something stood in the way: due again in a minute
    NOTED = "noted"  # the clock seems to have jumped: the next run decides
    NOT_DUE = "not_due"
    HELD = "held"  # somebody else is at it


class Report(msgspec.Struct, kw_only=True):
    """What a run did. ``oldest_age_ms`` is of the oldest message that is left, None if none is."""

    ending: Ending
    rows: int = 0  # of logs, removed
    emptied: int = 0  # rows that stay for a while without their content
    texts: int = 0  # rows of theirs, overwritten or removed
    rooms: int = 0  # whose logs were shortened or emptied
    swept: int = 0  # sessions, read cursors, names, guests, nodes, revocations
    forgotten: int = 0  # rooms that are no more
    given_back: int = 0  # pages of SQLite's file
    oldest_age_ms: int | None = None
    rooms_ahead: int = 0  # with messages of more than an hour to come: from when the clock was ahead
    ahead_ms: int = 0  # how far the furthest of these lies ahead
    is_wal_truncated: bool = True
    hindrances: list[str] = []  # what stood in the way and what to do, as sentences: the run is unfinished
    unfinished_before: int = 0  # runs in a row that could not finish, before this one
    retry_after_ms: int | None = None  # when HELD: how long the other's claim holds without renewal


def run_cleanup(database_url: str, retention_ms: int) -> Report:
    database = open_database(database_url)
    database.be_silent()
    try:
        return clean_up(database, retention_ms)
    finally:
        database.close()


def clean_up(
    database: Database,
    retention_ms: int,
    *,
    now: Callable[[], int] | None = None,
    pause: Callable[[float], object] = time.sleep,
) -> Report:
    """Run what is due. ``now`` is the database's clock unless given. Raises ``ClaimLost``."""
    return _Cleanup(database, retention_ms, now or _clock_of(database), pause).run()


def overdue(database: Database, retention_ms: int, *, now: Callable[[], int] | None = None) -> bool:
    """True if nobody has cleaned up for a quarter of an hour after it was due.

    Where nobody ever has, the quarter of an hour begins with the first question. ``now`` is the
    database's clock unless given.
    """
    asked_at = (now or _clock_of(database))()
    alarm = Alarm(database, ALARM, "")
    alarm.ensure(asked_at, done_cutoff=asked_at - retention_ms)
    return alarm.is_overdue(asked_at)


def past_runs(database: Database) -> Past | None:
    """Nothing from before its ``done_cutoff`` is stored any more. None: nobody has cleaned up yet."""
    return Alarm(database, ALARM, "").past()


def _clock_of(database: Database) -> Callable[[], int]:
    def now() -> int:
        with database.reading() as connection:
            return connection.scalar(select(now_ms())) or 0

    return now


class _Cleanup:
    def __init__(
        self,
        database: Database,
        retention_ms: int,
        now: Callable[[], int],
        pause: Callable[[float], object],
    ) -> None:
        self._database = database
        self._history = History(database)
        self._retention_ms = retention_ms
        self._now = now
        self._pause = pause
        self._reserve = Reserve(database)
        self._alarm = Alarm(database, ALARM, str(uuid4()))
        self._report = Report(ending=Ending.DONE)

    def run(self) -> Report:
        try:
            return self._run()
        finally:
            self._reserve.restore()

    def _run(self) -> Report:
        now = self._now()
        self._insist(lambda: self._alarm.ensure(now, done_cutoff=now - self._retention_ms))
        past = self._insist(lambda: self._alarm.claim(now))
        if past is None:
            return self._refused(now)
        self._report.unfinished_before = past.unfinished
        plan = decide(past, now=now, retention_ms=self._retention_ms)
        if plan.is_only_noted:
            self._report.ending = Ending.NOTED
        # Each minute to rewrite what is rewritten each hour would fill a log that cannot be emptied.
        elif not plan.is_repetition or self._is_wal_free():
            self._forget(now, plan)
        if self._report.hindrances:
            self._report.ending = Ending.UNFINISHED
            plan = unfinished(plan, past, now=self._now())
        self._insist(lambda: self._alarm.finish(plan.past, next_due=plan.next_due))
        return self._report

    def _forget(self, now: int, plan: Plan) -> None:
        forgetting.use_memory(self._database)
        self._shorten_logs(plan)
        self._forget_texts(plan)
        self._forget_rooms(now, plan)
        self._sweep(now, plan)  # last, because it writes sessions anew
        self._look_ahead(now)
        self._give_back()
        self._truncate_wal()

    def _refused(self, now: int) -> Report:
        free_at = self._alarm.free_at()
        if free_at is None:
            return Report(ending=Ending.NOT_DUE)
        return Report(ending=Ending.HELD, retry_after_ms=max(free_at - now, 0))

    def _shorten_logs(self, plan: Plan) -> None:
        # Walked through twice at most: few rows are at hand at a time, however many rooms there are.
        self._report.rows = self._work_off(expiry.remove, self._removable(plan))
        if plan.row_cutoff < plan.cutoff:
            self._report.emptied = self._work_off(expiry.empty, self._emptiable(plan))

    def _removable(self, plan: Plan) -> Iterator[LogSlice]:
        for start in expiry.log_starts(self._database):
            if start.ts <= plan.cutoff:
                self._report.rooms += 1
                yield from self._up_to(start, plan.row_cutoff)
            self._note_oldest(start, plan)

    def _emptiable(self, plan: Plan) -> Iterator[LogSlice]:
        for start in expiry.log_starts(self._database):
            if start.ts <= plan.cutoff:
                yield from self._up_to(start, plan.cutoff)

    def _up_to(self, start: LogStart, cutoff: int) -> Iterator[LogSlice]:
        bounds = self._history.row_bounds(start.room_id, cutoff, start=start.seq)
        return cut(start.room_id, start.seq, bounds.floor - 1 if bounds else 0)

    def _note_oldest(self, start: LogStart, plan: Plan) -> None:
        oldest: int | None = start.ts
        if start.ts <= plan.cutoff:
            bounds = self._history.bounds(start.room_id, plan.cutoff, start=start.seq)
            oldest = bounds.floor_ts if bounds else None
        if oldest is not None:
            age = plan.cutoff + self._retention_ms - oldest
            self._report.oldest_age_ms = max(self._report.oldest_age_ms or 0, age)

    def _work_off(self, work: Callable[..., int], slices: Iterator[LogSlice]) -> int:
        return sum(self._work_off_pack(work, packed) for packed in pack(slices))

    def _work_off_pack(self, work: Callable[..., int], packed: list[LogSlice]) -> int:
        """In halves, if the disk is so full that the whole does not fit."""
        try:
            return self._transact(partial(work, slices=packed))
        except Exception as error:
            halves = halve(packed)
            if judge(error) is not Failure.FULL or not halves:
                raise
            return sum(self._work_off_pack(work, half) for half in halves)

    def _forget_texts(self, plan: Plan) -> None:
        for step in forgetting.forget_texts(self._database, plan.cutoff):
            self._report.texts += self._unless_held(step)

    def _sweep(self, now: int, plan: Plan) -> None:
        for table, is_over, before in (
            (sessions, expiry.UNSEEN_SESSION, plan.cutoff),
            (users, expiry.EXPIRED_USER, now),
        ):
            write_anew = partial(forgetting.write_anew, table, is_over, {"before": before})
            self._report.swept += self._unless_held(write_anew)
        for sweep, before in (
            (expiry.UNSEEN_READ_CURSORS, plan.cutoff),
            (expiry.UNHELD_NAMES, plan.cutoff),
            (expiry.DEAD_NODES, now - DAY_MS),
            (expiry.OLD_REVOCATIONS, now - DAY_MS),
        ):
            for keys in sweep.pages(self._database, before):
                self._report.swept += self._transact(partial(sweep.remove, keys=keys, before=before))

    def _unless_held(self, step: forgetting.Step) -> int:
        """A table that somebody holds is left to the next run, and the others are not."""
        try:
            return self._transact(step)
        except DBAPIError as error:
            if judge(error) is not Failure.LOCKED:
                raise
        if TABLE_IN_USE not in self._report.hindrances:
            self._report.hindrances.append(TABLE_IN_USE)
        return 0

    def _forget_rooms(self, now: int, plan: Plan) -> None:
        for room_ids in expiry.forgettable_rooms(self._database, now - ROOM_LIFE_MS):
            self._report.forgotten += self._transact(partial(expiry.forget, room_ids=room_ids))
        for room_ids in silence.silent_rooms(self._database, plan.cutoff):
            forget = partial(silence.forget_silent, room_ids=room_ids, before=plan.cutoff)
            self._report.forgotten += self._transact(forget)

    def _look_ahead(self, now: int) -> None:
        """Times never fall within a log, so such a room goes on at that time until it has come."""
        self._report.rooms_ahead, last_at = expiry.rooms_ahead(self._database, now + AHEAD_MS)
        self._report.ahead_ms = max(last_at - now, 0)

    def _give_back(self) -> None:
        """Free pages go back to the disk, a few at a time: meanwhile nobody else can write."""
        while pages := self._transact(space.give_back):
            self._report.given_back += pages

    def _transact(self, work: Callable[[Connection], T]) -> T:
        """One transaction under the claim, and then the chat's turn."""
        now = self._now()
        started = time.monotonic()

        def transact() -> T:
            with self._database.writing() as connection:
                self._alarm.renew(connection, now)
                return work(connection)

        result = self._insist(transact)
        self._pause(pause_seconds(time.monotonic() - started))
        return result

    def _insist(self, act: Callable[[], T]) -> T:
        """If the disk is full, once more in the room of the write-ahead log and of the reserve."""
        try:
            return act()
        except Exception as error:
            if judge(error) is not Failure.FULL:
                raise
        self._reserve.spend()
        with suppress(SQLAlchemyError):
            expiry.truncate_wal(self._database)
        forgetting.use_memory(self._database)  # a connection whose COMMIT failed was replaced
        return act()

    def _truncate_wal(self) -> None:
        if self._database.is_sqlite:
            self._is_wal_free()
        else:
            self._report.is_wal_truncated = forgetting.switch_wal(self._database)

    def _is_wal_free(self) -> bool:
        """Whether SQLite's could be truncated; if not, it is reported."""
        if not self._database.is_sqlite:
            return True
        for _ in range(WAL_ATTEMPTS):
            if expiry.truncate_wal(self._database):
                return True
            self._pause(WAL_PAUSE_SECONDS)
        self._report.is_wal_truncated = False
        self._report.hindrances.append(WAL_IN_USE)
        return False
