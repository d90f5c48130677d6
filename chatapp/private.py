"""What people say is for the chat's own account: nobody else of the machine reads its files."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

_OTHERS = 0o077


def create_privately() -> None:
    """From now on nobody else has a right to what this process, or one that it starts, creates."""
    os.umask(_OTHERS)


def make_private(path: Path) -> None:
    """Take away the rights of others, where it was created with some; what is not ours stays."""
    with suppress(OSError):
        path.chmod(path.stat().st_mode & 0o7777 & ~_OTHERS)
