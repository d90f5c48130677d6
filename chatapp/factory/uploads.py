"""Uploads, where files are switched on: what there may be of them, and how many there are."""

from __future__ import annotations

from chatapp.factory.core import Core
from chatapp.files.disk import DiskRoom
from chatapp.files.objects import bytes_folder
from chatapp.files.uploads import Uploads
from chatapp.files.watching import watch_uploads
from chatapp.limits.uploads import allowed_uploads


def make_uploads(core: Core) -> Uploads | None:
    """None: there are no files here."""
    if core.files is None:
        return None
    settings = core.settings
    uploads = Uploads(
        core.files,
        file_bytes=settings.upload_max_bytes,
        allowed=allowed_uploads(settings.upload_max_bytes, settings.uploads_max_bytes),
        disk=DiskRoom(bytes_folder(settings.uploads_url, settings.data_dir)),
        now_ms=core.node.clock.now_ms,
        on_refused=core.metrics.refused_upload,
    )
    watch_uploads(core.metrics, uploads, core.scheduler)
    return uploads
