"""A disk with a file system of its own, that can hang and be taken away as well as be full.

An ext4 in a file, by way of a loop device. *Frozen* it takes no write, and whoever writes waits. *Taken away*
it leaves the empty folder that it was mounted over, as a disk does that is not mounted.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType

from faults.small_disk import Filled

MEGABYTES = 48


class BlockDisk(Filled):
    """Over a folder that is there already; ``image`` is the file that it lies in. Use as a context."""

    def __init__(self, folder: Path, image: Path, megabytes: int = MEGABYTES) -> None:
        super().__init__(folder)
        self._image = image
        self._bytes = megabytes << 20
        self._device = ""

    def __enter__(self) -> BlockDisk:
        with self._image.open("wb") as image:
            image.truncate(self._bytes)
        # All of it is for whoever writes, and none for a journal.
        _run("mkfs.ext4", "-q", "-m", "0", "-O", "^has_journal", str(self._image))
        self._device = _run("losetup", "--find", "--show", str(self._image)).strip()
        self._mount()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._unmount()
        _run("losetup", "--detach", self._device)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        _run("fsfreeze", "--freeze", str(self.folder))
        try:
            yield
        finally:
            _run("fsfreeze", "--unfreeze", str(self.folder))

    @contextmanager
    def taken_away(self) -> Iterator[None]:
        """Whoever has a file open may end with it."""
        self._unmount()
        try:
            yield
        finally:
            self._mount()

    def _mount(self) -> None:
        _run("mount", self._device, str(self.folder))

    def _unmount(self) -> None:
        _run("umount", "--lazy", str(self.folder))


def why_not() -> str | None:
    with TemporaryDirectory() as folder:
        disk = Path(folder) / "disk"
        disk.mkdir()
        try:
            with BlockDisk(disk, Path(folder) / "image", 8):
                return None
        except (OSError, subprocess.CalledProcessError):
            return "only root may mount a disk"


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
