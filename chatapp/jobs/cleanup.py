"""The cleanup: after it, what is older than the retention is nowhere any more.

It may be rung twice, killed anywhere, or forgotten for a day. Each transaction is small, renews
the claim under which it runs, and leaves everything consistent; the next run finds what is left by
looking, so there is nothing to repair.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from uuid import uuid4

from sqlalchemy import select

from chatapp.files.port import Objects
from chatapp.jobs.claimed import ClaimedRun
from chatapp.jobs.plan import decide, unfinished
from chatapp.jobs.removal import Removal
from chatapp.jobs.report import Ending, Report
from chatapp.store.database.engine import Database, now_ms, open_database
from chatapp.store.nodes.alarms import Alarm, Past

ALARM = "cleanup"


def run_cleanup(database_url: str, retention_ms: int, objects: Objects | None = None) -> Report:
    database = open_database(database_url)
    database.be_silent()
    try:
        return clean_up(database, retention_ms, objects=objects)
    finally:
        database.close()


def clean_up(
    database: Database,
    retention_ms: int,
    *,
    objects: Objects | None = None,
    now: Callable[[], int] | None = None,
    pause: Callable[[float], object] = time.sleep,
) -> Report:
    """Run what is due; ``objects`` is where the bytes of files lie, if there are any.

    ``now`` is the database's clock unless given. Raises ``ClaimLost``.
    """
    alarm = Alarm(database, ALARM, str(uuid4()))
    run = ClaimedRun(database, alarm, now or _clock_of(database), pause)
    try:
        return _clean_up(run, retention_ms, objects)
    finally:
        run.end()


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


def found_by_sweeps(database: Database) -> tuple[int, int]:
    """Orphans removed by all runs, and files that lacked some of their bytes in the last."""
    return Alarm(database, ALARM, "").found()


def _clean_up(run: ClaimedRun, retention_ms: int, objects: Objects | None) -> Report:
    now, report = run.now(), run.report
    run.insist(lambda: run.alarm.ensure(now, done_cutoff=now - retention_ms))
    past = run.insist(lambda: run.alarm.claim(now))
    if past is None:
        return _refused(run.alarm, now)
    report.unfinished_before = past.unfinished
    plan = decide(past, now=now, retention_ms=retention_ms)
    if plan.is_only_noted:
        report.ending = Ending.NOTED
    # Each minute to rewrite what is rewritten each hour would fill a log that cannot be emptied.
    elif not plan.is_repetition or run.is_wal_free():
        Removal(run, plan, now, objects).remove()
        run.truncate_wal()
    if report.hindrances:
        report.ending = Ending.UNFINISHED
        plan = unfinished(plan, past, now=run.now())
    run.insist(lambda: run.alarm.finish(plan.past, next_due=plan.next_due))
    return report


def _refused(alarm: Alarm, now: int) -> Report:
    free_at = alarm.free_at()
    if free_at is None:
        return Report(ending=Ending.NOT_DUE)
    return Report(ending=Ending.HELD, retry_after_ms=max(free_at - now, 0))


def _clock_of(database: Database) -> Callable[[], int]:
    def now() -> int:
        with database.reading() as connection:
            return connection.scalar(select(now_ms())) or 0

    return now
