"""Room on the disk: files may fill it up to where the rest of the chat needs it, and no further."""

from __future__ import annotations

import os
from pathlib import Path

from chatapp.errors import StorageFull
from chatapp.files.threaded import FileState
from chatapp.limits.uploads import FREE_BYTES, FREE_SHARE
from chatapp.store.forgetting.reserve import Reserve

RETRY_MS = 20_000  # whoever has filled the disk may empty it at any moment


class DiskRoom:
    """``folder`` is where the bytes lie; None: they lie elsewhere, and whoever has them says what is full."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def check(self, state: FileState, size: int) -> None:
        """Raises ``StorageFull`` where so many bytes more would leave too little."""
        if Reserve(state.store.database).is_spent() or not self._has_room(size):
            raise StorageFull(retry_after_ms=RETRY_MS, scope="server")

    def _has_room(self, size: int) -> bool:
        if self._folder is None:
            return True
        try:
            disk = _disk_of(self._folder)
        except OSError:
            return True  # that is not what is wrong
        stays_free = min(FREE_BYTES, disk.f_blocks * disk.f_frsize // FREE_SHARE)
        return disk.f_bavail * disk.f_frsize - size >= stays_free


def _disk_of(folder: Path) -> os.statvfs_result:
    """Its own, maybe; before the first file it is not there, and comes into the folder above."""
    try:
        return os.statvfs(folder)
    except FileNotFoundError:
        return os.statvfs(folder.parent)
