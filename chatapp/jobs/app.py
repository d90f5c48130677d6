"""The Celery app: rings the alarm every hour, and once when a worker starts.

The ring is only a ring. Whether anything is due, and who does it, is claimed in the database, so
rings may be doubled, late or lost. A run that could not act, or not finish, rings once more. A web node
rings where a picture waits to be looked at. Nothing else travels here: a worker never owns a room and never
speaks to anybody.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from celery import Celery, signals
from kombu.exceptions import ChannelError, OperationalError

from chatapp.errors import StorageFull, StorageUnavailable
from chatapp.files.place import PlaceTaken
from chatapp.files.port import Objects
from chatapp.jobs.broker import broker_settings
from chatapp.jobs.celery_outages import tell_of_outages_once
from chatapp.jobs.cleanup import run_cleanup
from chatapp.jobs.plan import RETRY_MS, SECOND_LOOK_MS
from chatapp.jobs.report import Ending, Report
from chatapp.jobs.telling import tell
from chatapp.jobs.worker_looks import declare_looks
from chatapp.outages import Outage
from chatapp.store.failures import as_refusal, in_its_words
from chatapp.store.migrations import DatabaseUnusable, wait_for_schema

TASK = "chatapp.cleanup"
PERIOD_SECONDS = 3600
OUTAGE_SECONDS = 30  # until the next try, when the database is away
RING_LIFE_SECONDS = PERIOD_SECONDS - 600  # a worker that comes back does not find a heap of rings

logger = logging.getLogger(__name__)


def make_celery(
    *,
    database_url: str,
    retention_ms: int,
    broker_url: str,
    data_dir: Path,
    deployment_id: str,
    open_objects: Callable[[], Objects],
    check_place: Callable[[], None] | None = None,
) -> Celery:
    """A broker of files keeps them below ``data_dir``, as beat keeps its own file.

    ``open_objects`` leads to the bytes of what people have sent; ``check_place`` may raise ``PlaceTaken``.
    """
    app = Celery("chatapp")
    app.conf.update(
        **broker_settings(broker_url, data_dir=data_dir, deployment_id=deployment_id),
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,  # or else it gives up within an hour
        worker_cancel_long_running_tasks_on_connection_loss=True,  # there are none; unsaid, it warns
        accept_content=["json"],
        task_serializer="json",
        task_ignore_result=True,
        worker_hijack_root_logger=False,
        beat_scheduler="chatapp.jobs.beat:Scheduler",
        beat_schedule_filename=str(data_dir / "beat-schedule"),
        beat_schedule={
            "cleanup": {"task": TASK, "schedule": PERIOD_SECONDS, "options": {"expires": RING_LIFE_SECONDS}}
        },
    )

    if app.conf.broker_url.startswith("redis"):
        tell_of_outages_once(app, Outage("Redis", logger, time.monotonic, calm_seconds=0))
    outage = Outage("The database", logger, time.monotonic, calm_seconds=0)

    @app.task(name=TASK, bind=True, shared=False)
    def cleanup(self: Any) -> None:
        try:
            report = run_cleanup(database_url, retention_ms, open_objects())
        except Exception as error:
            if not isinstance(as_refusal(error), StorageUnavailable | StorageFull):
                raise
            outage.failed(in_its_words(error))
            self.apply_async(countdown=OUTAGE_SECONDS, expires=OUTAGE_SECONDS + RING_LIFE_SECONDS)
            return
        outage.worked()
        tell(report)
        wait_ms = _look_again_ms(report)
        if wait_ms is not None:
            wait = wait_ms / 1000 + 1
            _ring_for(self, countdown=wait, expires=wait + RING_LIFE_SECONDS)

    look = declare_looks(app, database_url, open_objects)

    @signals.worker_init.connect(weak=False)
    def _wait(sender: Any = None, **_: Any) -> None:
        if sender.app is app:
            try:
                wait_for_schema(database_url)
                if check_place is not None:
                    check_place()
            except (DatabaseUnusable, PlaceTaken) as error:
                sys.exit(str(error))  # any other exception Celery would log, and go on

    @signals.worker_ready.connect(weak=False)
    def _ring(sender: Any = None, **_: Any) -> None:
        if sender.app is app:
            if not _ring_for(cleanup, expires=RING_LIFE_SECONDS):
                cleanup()
            _ring_for(look, expires=RING_LIFE_SECONDS)  # what nobody was there for

    return app


def _ring_for(task: Any, **when: float) -> bool:
    """False: it got nowhere (a full disk, no Redis). Then the hour rings, or a web node notices."""
    try:
        task.apply_async(**when)
        return True
    except (OperationalError, ChannelError) as error:
        logger.warning("the cleanup could not be rung for: %s", error)
        return False


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
