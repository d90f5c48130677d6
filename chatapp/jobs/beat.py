"""Beat's memory of when it last rang: a file that may be spoiled, or have no room, without ending beat."""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path
from typing import Any

from celery.beat import PersistentScheduler

from chatapp.jobs.mail_files import remove

logger = logging.getLogger(__name__)


class _InMemory(dict[str, Any]):
    """As much of a shelf as the scheduler asks for."""

    def sync(self) -> None: ...

    def close(self) -> None: ...


class Scheduler(PersistentScheduler):
    """Celery's, which ends with the first error of its file. Without one, the hour begins at the start."""

    _store: Any

    def setup_schedule(self) -> None:
        for suffix in self.known_suffixes:
            place = Path(self.schedule_filename + suffix)
            if not place.is_file():
                remove(place)  # a pipe would keep us for ever
        try:
            super().setup_schedule()
        except Exception as error:  # noqa: BLE001 - pickle, dbm and the disk have dozens
            self._forget(error)
            super().setup_schedule()

    def sync(self) -> None:
        try:
            super().sync()
        except Exception as error:  # noqa: BLE001 - as above
            logger.warning("beat cannot write down when it last rang: %r", error)

    def close(self) -> None:
        try:
            super().close()
        except Exception as error:  # noqa: BLE001 - as above
            logger.warning("beat cannot close its file: %r", error)

    def _open_schedule(self) -> Any:
        if isinstance(self._store, _InMemory):
            return self._store
        if self._store is not None:
            self._store.dict = None  # the one that is given up; or else it tries again when it is collected
        return super()._open_schedule()

    def _forget(self, error: Exception) -> None:
        logger.warning("beat's file cannot be used, so beat remembers nothing: %r", error)
        with suppress(OSError):
            self._remove_db()  # the next start is to find none
        if self._store is not None:
            self._store.dict = None  # or else it tries again when it is collected
        self._store = _InMemory()
