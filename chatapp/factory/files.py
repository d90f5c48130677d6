"""Files, where they are switched on: the threads that have them, and what serves them."""

from __future__ import annotations

import logging
from functools import partial

from chatapp.errors import StorageUnavailable
from chatapp.files.objects import open_objects
from chatapp.files.place import check_place
from chatapp.files.port import StorageRefused
from chatapp.files.threaded import FETCHERS, THREADS, ThreadedFiles
from chatapp.settings import Settings, SettingsError

logger = logging.getLogger(__name__)

_OFF_BY_ITSELF = (
    "files are switched off: there may be several nodes, and what lies in the data folder of one is not at "
    "the others. Set CHAT_UPLOADS_URL to a bucket, CHAT_UPLOADS_SHARED=yes if it is one folder that all "
    "share, or CHAT_UPLOADS=off."
)


def make_files(
    settings: Settings, *, threads: int = THREADS, fetchers: int = FETCHERS
) -> ThreadedFiles | None:
    """None: there are no files here."""
    if not settings.has_uploads:
        return None
    return ThreadedFiles(
        database_url=settings.database_url,
        retention_ms=settings.retention_ms,
        open_objects=partial(open_objects, settings.uploads_url, settings.data_dir),
        threads=threads,
        fetchers=fetchers,
    )


def check_files(settings: Settings) -> None:
    """Say what would else be found out by whoever sends the first. Blocks; raises ``SettingsError``."""
    if settings.uploads == "auto" and not settings.can_have_uploads:
        logger.warning("%s", _OFF_BY_ITSELF)
    if not settings.has_uploads:
        return
    try:
        why = open_objects(settings.uploads_url, settings.data_dir).refusal()
    except StorageRefused as refused:
        why = refused.why
    except StorageUnavailable as outage:
        # It comes back by itself, and everything but files works until then.
        logger.warning("what holds the bytes of files cannot be reached: %s", outage.__cause__ or outage)
        return
    if why is not None:
        raise SettingsError(f"Files cannot be kept in {why}. CHAT_UPLOADS=off does without them.")


def claim_place(settings: Settings) -> None:
    """The same, once there is a schema. Blocks; raises ``PlaceTaken`` where they are another database's."""
    if settings.has_uploads:
        check_place(settings.uploads_url, settings.data_dir, settings.database_url)
