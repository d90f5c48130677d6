"""What a web node does for files beside serving them: looks at pictures, and removal."""

from __future__ import annotations

from chatapp.factory.core import Core
from chatapp.factory.files import make_files
from chatapp.files.uploads import Uploads
from chatapp.jobs.looks import Looks
from chatapp.jobs.removals import Removals
from chatapp.jobs.ring import ring_for
from chatapp.jobs.tasks import LOOK_RING_SECONDS, LOOK_TASK


class FileUpkeep:
    """Nothing, where there are no files."""

    def __init__(self, core: Core, uploads: Uploads | None) -> None:
        self._parts: list[Looks | Removals] = []
        own = make_files(core.settings, threads=1, fetchers=0)
        if core.files is None or own is None or uploads is None:
            return
        settings = core.settings
        ring = ring_for(
            LOOK_TASK,
            expires_seconds=LOOK_RING_SECONDS,
            broker_url=settings.broker_url,
            data_dir=settings.data_dir,
            deployment_id=settings.deployment_id,
        )
        looks = Looks(
            files=core.files,
            own=own,
            ring=ring,
            scheduler=core.scheduler,
            on_look=core.metrics.looked,
        )
        removals = Removals(core.files, core.scheduler)
        uploads.on_whole = looks.came
        core.store.on_files_let_go = removals.let_go
        self._parts = [looks, removals]

    def stop(self) -> None:
        for part in self._parts:
            part.stop()
