"""The build: a fingerprint of everything a page is made of.

Every page carries the one it was made from, and every greeting the server's. Where they differ, the
page offers to be loaded again.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path


def build_of(*folders: Path) -> str:
    """The same for the same files, whichever machine they are on."""
    fingerprint = sha256()
    for folder in folders:
        for path in sorted(found for found in folder.rglob("*") if found.is_file()):
            content = path.read_bytes()
            fingerprint.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
            fingerprint.update(content)
    return fingerprint.hexdigest()[:12]
