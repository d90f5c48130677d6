"""What a cleanup removes: rows of logs, texts, files, rooms, and whatever else has had its time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from chatapp.files.port import Objects
from chatapp.jobs.claimed import ClaimedRun
from chatapp.jobs.file_removal import remove_files
from chatapp.jobs.plan import ROOM_LIFE_MS, Plan, cut, halve, pack
from chatapp.store.database.engine import DAY_MS
from chatapp.store.database.failures import Failure, judge
from chatapp.store.forgetting import expiry, forgetting, silence, space
from chatapp.store.forgetting.anew import is_begun
from chatapp.store.forgetting.expiry import LogSlice, LogStart
from chatapp.store.log.history import History
from chatapp.store.models import reactions, sessions, uploads, users
from chatapp.store.uploads import life as upload_life
from chatapp.store.uploads import quotas as upload_quotas

AHEAD_MS = 3_600_000


class Removal:
    """``run`` does it; ``now`` (ms) is when it began."""

    def __init__(self, run: ClaimedRun, plan: Plan, now: int, objects: Objects | None = None) -> None:
        self._run = run
        self._plan = plan
        self._now = now
        self._database = run.database
        self._report = run.report
        self._history = History(run.database)
        self._objects = objects

    def remove(self) -> None:
        forgetting.use_memory(self._database)
        self._shorten_logs()
        self._forget_texts()
        self._forget_rooms()
        if self._objects is not None:
            remove_files(self._run, self._plan, self._now, self._objects)
        with self._database.hasty():
            self._sweep()  # last, because it writes tables anew
        self._look_ahead()
        self._give_back()

    # --- logs -----------------------------------------------------------------------------

    def _shorten_logs(self) -> None:
        # Walked through twice at most: few rows are at hand at a time, however many rooms there are.
        self._report.rows = self._work_off(expiry.remove, self._removable())
        if self._plan.row_cutoff < self._plan.cutoff:
            self._report.emptied = self._work_off(expiry.empty, self._emptiable())

    def _removable(self) -> Iterator[LogSlice]:
        for start in expiry.log_starts(self._database):
            if start.ts <= self._plan.cutoff:
                self._report.rooms += 1
                yield from self._up_to(start, self._plan.row_cutoff)
            self._note_oldest(start)

    def _emptiable(self) -> Iterator[LogSlice]:
        for start in expiry.log_starts(self._database):
            if start.ts <= self._plan.cutoff:
                yield from self._up_to(start, self._plan.cutoff)

    def _up_to(self, start: LogStart, cutoff: int) -> Iterator[LogSlice]:
        bounds = self._history.row_bounds(start.room_id, cutoff, start=start.seq)
        return cut(start.room_id, start.seq, bounds.floor - 1 if bounds else 0)

    def _note_oldest(self, start: LogStart) -> None:
        oldest: int | None = start.ts
        if start.ts <= self._plan.cutoff:
            bounds = self._history.bounds(start.room_id, self._plan.cutoff, start=start.seq)
            oldest = bounds.floor_ts if bounds else None
        if oldest is not None:
            self._report.oldest_age_ms = max(self._report.oldest_age_ms or 0, self._now - oldest)

    def _work_off(self, work: Callable[..., int], slices: Iterator[LogSlice]) -> int:
        return sum(self._work_off_pack(work, packed) for packed in pack(slices))

    def _work_off_pack(self, work: Callable[..., int], packed: list[LogSlice]) -> int:
        """In halves, if the disk is so full that the whole does not fit."""
        try:
            return self._run.transact(partial(work, slices=packed))
        except Exception as error:
            halves = halve(packed)
            if judge(error) is not Failure.FULL or not halves:
                raise
            return sum(self._work_off_pack(work, half) for half in halves)

    # --- everything else ------------------------------------------------------------------

    def _forget_texts(self) -> None:
        for step in forgetting.forget_texts(self._database, self._plan.cutoff):
            self._report.texts += self._run.transact_unless_held(step)

    def _forget_rooms(self) -> None:
        for room_ids in expiry.forgettable_rooms(self._database, self._now - ROOM_LIFE_MS):
            self._report.forgotten += self._run.transact(partial(expiry.forget, room_ids=room_ids))
        for room_ids in silence.silent_rooms(self._database, self._plan.cutoff):
            forget = partial(silence.forget_silent, room_ids=room_ids, before=self._plan.cutoff)
            self._report.forgotten += self._run.transact(forget)

    def _sweep(self) -> None:
        # Where files came from is known for what they may send in a day; their table is written anew below.
        while self._run.transact(partial(upload_quotas.forget_addresses, before=self._now - DAY_MS)):
            pass
        # Of slices none may be left out: what is not in the copy would be lost.
        carry_out = self._run.transact if self._database.is_sqlite else self._run.transact_unless_held
        for table, is_over, before in (
            (sessions, expiry.UNSEEN_SESSION, self._plan.cutoff),
            (users, expiry.EXPIRED_USER, self._now),
            (uploads, upload_life.NONE, self._now),
            *(
                [(reactions, expiry.EXPIRED_REACTION, self._plan.cutoff)]
                if self._has_named_reactions() or is_begun(self._database, reactions)
                else []
            ),
        ):
            for step in forgetting.forget_traces(self._database, table, is_over, {"before": before}):
                self._report.swept += carry_out(step)
        for sweep, before in (
            (expiry.EXPIRED_REACTIONS, self._plan.cutoff),
            (expiry.UNSEEN_READ_CURSORS, self._plan.cutoff),
            (expiry.EXPIRED_MENTIONS, self._plan.cutoff),
            (expiry.UNHELD_NAMES, self._plan.cutoff),
            (expiry.DEAD_NODES, self._now - DAY_MS),
            (expiry.OLD_REVOCATIONS, self._now - DAY_MS),
        ):
            for keys in sweep.pages(self._database, before):
                self._report.swept += self._run.transact(partial(sweep.remove, keys=keys, before=before))

    def _has_named_reactions(self) -> bool:
        """Stored by the version before: names leave no trace only where the table is written anew."""
        with self._database.reading() as connection:
            return bool(connection.scalar(expiry.NAMED_REACTIONS))

    def _look_ahead(self) -> None:
        """Times never fall within a log, so such a room goes on at that time until it has come."""
        self._report.rooms_ahead, last_at = expiry.rooms_ahead(self._database, self._now + AHEAD_MS)
        self._report.ahead_ms = max(last_at - self._now, 0)

    def _give_back(self) -> None:
        """Free pages go back to the disk, a few at a time: meanwhile nobody else can write."""
        while pages := self._run.transact(space.give_back):
            self._report.given_back += pages
