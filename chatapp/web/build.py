"""The build: a fingerprint of everything a page is made of.

Every page carries the one it was made from, and every greeting the server's. Where they differ, the
page offers to be loaded again.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path


def build_of(*made_of: Path) -> str:
    """Of folders and files. The same for the same files, whichever machine they are on."""
    fingerprint = sha256()
    for path in made_of:
        for name, content in _contents(path):
            fingerprint.update(f"{name}\0{len(content)}\0".encode())
            fingerprint.update(content)
    return fingerprint.hexdigest()[:12]


def _contents(path: Path) -> Iterator[tuple[str, bytes]]:
    if path.is_file():
        yield path.name, path.read_bytes()
    for found in sorted(found for found in path.rglob("*") if found.is_file()):
        yield found.relative_to(path).as_posix(), found.read_bytes()
