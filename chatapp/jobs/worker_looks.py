"""The worker's share in looks: a task that web nodes ring for, and that looks at whatever waits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from celery import Celery

from chatapp.files.looking import look_at_next
from chatapp.files.port import Objects
from chatapp.jobs.tasks import LOOK_RING_SECONDS, LOOK_TASK
from chatapp.jobs.telling import tell_look
from chatapp.store.engine import open_database
from chatapp.store.upload_life import UploadLife

LOOKS_A_TASK = 10  # then whatever else is rung for has its turn


def declare_looks(app: Celery, database_url: str, open_objects: Callable[[], Objects]) -> Any:
    """The task. One picture is looked at at a time, as many as a worker has processes."""

    @app.task(name=LOOK_TASK, bind=True, shared=False)
    def look(self: Any) -> None:
        database = open_database(database_url)
        database.be_silent()
        try:
            life, objects = UploadLife(database), open_objects()
            for _ in range(LOOKS_A_TASK):
                looked = look_at_next(life, objects)
                if looked is None:
                    return
                tell_look(looked)
        finally:
            database.close()
        self.apply_async(expires=LOOK_RING_SECONDS)

    return look
