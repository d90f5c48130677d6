"""The worker's share in the cleanup: a task that is rung for every hour, and rings once more for itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from celery import Celery

from chatapp.files.port import Objects
from chatapp.jobs.cleanup import run_cleanup
from chatapp.jobs.plan import RETRY_MS, SECOND_LOOK_MS
from chatapp.jobs.report import Ending, Report
from chatapp.jobs.ringing import ring
from chatapp.jobs.tasks import CLEANUP_TASK
from chatapp.jobs.telling import tell
from chatapp.outages import Outage
from chatapp.store.database.failures import as_outage

PERIOD_SECONDS = 3600
OUTAGE_SECONDS = 30  # until the next try, when the database is away
RING_LIFE_SECONDS = PERIOD_SECONDS - 600  # a worker that comes back does not find a heap of rings


def declare_cleanup(
    app: Celery, database_url: str, retention_ms: int, open_objects: Callable[[], Objects], outage: Outage
) -> Any:
    """The task. A run that could not act, or not finish, rings once more; ``outage`` is the database's."""

    @app.task(name=CLEANUP_TASK, bind=True, shared=False)
    def cleanup(self: Any) -> None:
        try:
            report = run_cleanup(database_url, retention_ms, open_objects())
        except Exception as error:
            if (reason := as_outage(error)) is None:
                raise
            outage.failed(reason)
            ring(self, countdown=OUTAGE_SECONDS, expires=OUTAGE_SECONDS + RING_LIFE_SECONDS)
            return
        outage.worked()
        tell(report)
        wait_ms = _look_again_ms(report)
        if wait_ms is not None:
            wait = wait_ms / 1000 + 1
            ring(self, countdown=wait, expires=wait + RING_LIFE_SECONDS)

    return cleanup


def _look_again_ms(report: Report) -> int | None:
    """When to ring once more, before the next hour does; None: there is no need."""
    match report.ending:
        case Ending.HELD:
            # Its holder may have been killed. Then nobody renews the claim, and it is ours soon.
            return report.retry_after_ms or 0
        case Ending.NOTED:
            # A laptop that never runs for an hour would note the same jump each time and delete nothing.
            return SECOND_LOOK_MS
        case Ending.UNFINISHED:
            return RETRY_MS
        case _:
            return None
