"""The files that the worker's mail is made of, for whoever puts one there: each whole or not at all."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path
from time import time_ns
from uuid import uuid4


def message_name(queue: str) -> str:
    """A file's name; sorts by age."""
    return f"{time_ns():020}_{uuid4()}.{queue}.msg"


def prepare(folder: Path) -> None:
    """Make it a folder that one can look into, whatever stands in its place. Never fails: see ``_put``."""
    for wanted in (folder, folder / "control"):
        with suppress(OSError):
            if wanted.is_symlink() or not wanted.is_dir():
                remove(wanted)
                wanted.mkdir(parents=True)


def write(file: Path, text: str) -> None:
    """Whole or not at all."""
    draft = file.with_name(f".{file.name}.{uuid4().hex}")
    try:
        prepare(file.parent if file.suffix == ".msg" else file.parent.parent)
        draft.write_text(text)
        if file.is_dir() and not file.is_symlink():
            remove(file)
        draft.replace(file)
    except OSError:
        remove(draft)
        raise


def remove(path: Path) -> None:
    with suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
