"""Which files a script is made of: told in the page's head, so that a browser asks for all of them at once
instead of finding each when it has read the one before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

_STATIC_IMPORT = re.compile(r"^(?:import|export)\b[^;']*'(\.{1,2}/[^']+)';", re.MULTILINE)


def modules_of(static: Path, *entries: str) -> list[str]:
    """The entries and all that they import, each once, the nearest first; as paths under ``static``."""
    found: dict[str, None] = {}
    for entry in entries:
        for name in _walk(static.resolve(), static.resolve() / entry):
            found.setdefault(name)
    return list(found)


def _walk(static: Path, entry: Path) -> Iterator[str]:
    waiting, seen = [entry], {entry}
    for module in waiting:
        yield module.relative_to(static).as_posix()
        imports = [(module.parent / path).resolve() for path in _STATIC_IMPORT.findall(module.read_text())]
        fresh = [path for path in imports if path not in seen]
        seen.update(fresh)
        waiting.extend(fresh)
