"""A disk of a few megabytes, which another program fills to the last byte, and empties again."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType

MEGABYTES = 24
REFILL_SECONDS = 0.05


class Filled:
    """A folder whose disk another program fills."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "somebody-else"

    def fill(self) -> None:
        """Until not a byte is left."""
        with self._filler.open("ab", buffering=0) as file:
            for piece in (65_536, 4_096, 1):
                with suppress(OSError):
                    while file.write(bytes(piece)) == piece:
                        pass

    @contextmanager
    def kept_full(self) -> Iterator[None]:
        """For the block: whatever is given back is taken again. Then it is empty."""
        is_over = threading.Event()

        def refill() -> None:
            while not is_over.wait(REFILL_SECONDS):
                self.fill()

        self.fill()
        filling = threading.Thread(target=refill, name="filling", daemon=True)
        filling.start()
        try:
            yield
        finally:
            is_over.set()
            filling.join()
            self.let_go()

    def let_go(self) -> None:
        with suppress(FileNotFoundError):
            self._filler.unlink()

    @property
    def free_bytes(self) -> int:
        found = os.statvfs(self.folder)
        return found.f_bavail * found.f_frsize


class SmallDisk(Filled):
    """A tmpfs in a folder that is there already. Use as a context."""

    def __init__(self, folder: Path, megabytes: int = MEGABYTES) -> None:
        super().__init__(folder)
        self._size = f"size={megabytes}m"

    def __enter__(self) -> SmallDisk:
        subprocess.run(["mount", "-t", "tmpfs", "-o", self._size, "tmpfs", str(self.folder)], check=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        subprocess.run(["umount", "--lazy", str(self.folder)], check=True)


def why_not() -> str | None:
    with TemporaryDirectory() as folder:
        try:
            with SmallDisk(Path(folder), 1):
                return None
        except (OSError, subprocess.CalledProcessError):
            return "only root may mount a small disk"
