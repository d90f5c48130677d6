"""The worker's share in looks: a task that web nodes ring for, and that looks at whatever waits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from celery import Celery

from chatapp.files.looking import look_at_next
from chatapp.files.port import Objects
from chatapp.jobs.ringing import ring
from chatapp.jobs.tasks import LOOK_RING_SECONDS, LOOK_TASK
from chatapp.jobs.telling import tell_look
from chatapp.outages import Outage
from chatapp.store.database.engine import open_database
from chatapp.store.database.failures import as_outage
from chatapp.store.uploads.life import UploadLife

LOOKS_A_TASK = 10  # then whatever else is rung for has its turn


def declare_looks(app: Celery, database_url: str, open_objects: Callable[[], Objects], outage: Outage) -> Any:
    """The task. One picture is looked at at a time, as many as a worker has processes.

    ``outage`` is the database's. What is left then, a web node looks at.
    """

    @app.task(name=LOOK_TASK, bind=True, shared=False)
    def look(self: Any) -> None:
        try:
            is_more = _look_at_some(database_url, open_objects)
        except Exception as error:
            if (reason := as_outage(error)) is None:
                raise
            outage.failed(reason)
            return
        outage.worked()
        if is_more:
            ring(self, expires=LOOK_RING_SECONDS)

    return look


def _look_at_some(database_url: str, open_objects: Callable[[], Objects]) -> bool:
    """Whether more may wait."""
    database = open_database(database_url)
    database.be_silent()
    try:
        life, objects = UploadLife(database), open_objects()
        for _ in range(LOOKS_A_TASK):
            looked = look_at_next(life, objects)
            if looked is None:
                return False
            tell_look(looked)
        return True
    finally:
        database.close()
