"""How often programs have been started again: told by whoever keeps them, to whoever shows it.

A web node cannot see its worker. The supervisor can, and leaves the counts in a file of the data folder;
where a container engine keeps the programs there is no such file, and the engine is to be asked.
"""

from __future__ import annotations

import json
from contextlib import suppress
from math import nan
from pathlib import Path

_FILE = "restarts.json"


class RestartCounts:
    """The supervisor's side. A file that cannot be written is a figure that is missed, no more."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / _FILE
        self._counts: dict[str, int] = {}

    def start(self, *programs: str) -> None:
        self._counts = dict.fromkeys(programs, 0)
        self._write()

    def add(self, program: str) -> None:
        self._counts[program] = self._counts.get(program, 0) + 1
        self._write()

    def _write(self) -> None:
        draft = self._file.with_suffix(".new")
        with suppress(OSError):
            draft.write_text(json.dumps(self._counts))
            draft.replace(self._file)


def restarts_of(program: str, folder: Path) -> float:
    """As of now; NaN where nobody tells."""
    try:
        return float(json.loads((folder / _FILE).read_text())[program])
    except (OSError, ValueError, KeyError, TypeError):
        return nan
