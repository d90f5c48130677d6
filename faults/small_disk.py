"""A disk of a few megabytes, which another program fills to the last byte, and empties again."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType

MEGABYTES = 24


class SmallDisk:
    """A tmpfs in a folder that is there already. Use as a context."""

    def __init__(self, folder: Path, megabytes: int = MEGABYTES) -> None:
        self.folder = folder
        self._size = f"size={megabytes}m"
        self._filler = folder / "somebody-else"

    def __enter__(self) -> SmallDisk:
        subprocess.run(["mount", "-t", "tmpfs", "-o", self._size, "tmpfs", str(self.folder)], check=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        subprocess.run(["umount", "--lazy", str(self.folder)], check=True)

    def fill(self) -> None:
        """Until not a byte is left."""
        with self._filler.open("ab", buffering=0) as file:
            for piece in (65_536, 4_096, 1):
                with suppress(OSError):
                    while file.write(bytes(piece)) == piece:
                        pass

    def let_go(self) -> None:
        with suppress(FileNotFoundError):
            self._filler.unlink()

    @property
    def free_bytes(self) -> int:
        found = os.statvfs(self.folder)
        return found.f_bavail * found.f_frsize


def why_not() -> str | None:
    with TemporaryDirectory() as folder:
        try:
            with SmallDisk(Path(folder), 1):
                return None
        except (OSError, subprocess.CalledProcessError):
            return "only root may mount a small disk"
