"""The Celery app: rings the alarm every hour, and once when a worker starts.

The ring is only a ring. Whether anything is due, and who does it, is claimed in the database, so
rings may be doubled, late or lost. A web node rings where a picture waits to be looked at. Nothing else
travels here: a worker never owns a room and never speaks to anybody.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from celery import Celery, signals

from chatapp.files.place import PlaceTaken
from chatapp.files.port import Objects
from chatapp.jobs.broker import broker_settings
from chatapp.jobs.celery_outages import tell_of_outages_once
from chatapp.jobs.ringing import ring
from chatapp.jobs.tasks import CLEANUP_TASK
from chatapp.jobs.worker_cleanup import PERIOD_SECONDS, RING_LIFE_SECONDS, declare_cleanup
from chatapp.jobs.worker_looks import declare_looks
from chatapp.outages import Outage
from chatapp.store.migrations import DatabaseUnusable, wait_for_schema

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
        **_settings(data_dir),
    )
    if app.conf.broker_url.startswith("redis"):
        tell_of_outages_once(app, Outage("Redis", logger, time.monotonic, calm_seconds=0))
    outage = Outage("The database", logger, time.monotonic, calm_seconds=0)
    cleanup = declare_cleanup(app, database_url, retention_ms, open_objects, outage)
    look = declare_looks(app, database_url, open_objects, outage)
    _wait_at_start(app, database_url, check_place)
    _ring_at_start(app, cleanup, look)
    return app


def _settings(data_dir: Path) -> dict[str, Any]:
    options = {"expires": RING_LIFE_SECONDS}
    return {
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,  # or else it gives up within an hour
        # There are none; unsaid, it warns.
        "worker_cancel_long_running_tasks_on_connection_loss": True,
        "accept_content": ["json"],
        "task_serializer": "json",
        "task_ignore_result": True,
        "worker_hijack_root_logger": False,
        "beat_scheduler": "chatapp.jobs.beat:Scheduler",
        "beat_schedule_filename": str(data_dir / "beat-schedule"),
        "beat_schedule": {
            "cleanup": {"task": CLEANUP_TASK, "schedule": PERIOD_SECONDS, "options": options},
        },
    }


def _wait_at_start(app: Celery, database_url: str, check_place: Callable[[], None] | None) -> None:
    """For the schema; a worker that cannot use what there is ends with a sentence."""

    @signals.worker_init.connect(weak=False)
    def wait(sender: Any = None, **_: Any) -> None:
        if sender.app is app:
            try:
                wait_for_schema(database_url)
                if check_place is not None:
                    check_place()
            except (DatabaseUnusable, PlaceTaken) as error:
                sys.exit(str(error))  # any other exception Celery would log, and go on


def _ring_at_start(app: Celery, cleanup: Any, look: Any) -> None:
    @signals.worker_ready.connect(weak=False)
    def ring_once(sender: Any = None, **_: Any) -> None:
        if sender.app is app:
            if not ring(cleanup, expires=RING_LIFE_SECONDS):
                cleanup()
            ring(look, expires=RING_LIFE_SECONDS)  # what nobody was there for
