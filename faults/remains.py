"""Remains: words that are still in a file when they should have gone.

Words that are to be searched for are made of markers, a dozen bytes each and no two alike, so that a
piece of them is found too, wherever it lies. They look like chance, or else PostgreSQL would pack what
is long. Half of a marker is the sum of its other half: what only looks like one can be told from it.
"""

from __future__ import annotations

import mmap
import os
import re
import subprocess
import sys
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from random import Random
from zlib import crc32

MARKER_BYTES = 12
_HALF = 4
_ROOT = Path(__file__).resolve().parent.parent
_LIKE_A_MARKER = re.compile(rb"~[\w-]{11}", re.ASCII)


def marked(size: int, random: Random) -> str:
    """Words of about so many bytes; they need no escaping in JSON."""
    return "".join(_marker(random.randbytes(_HALF)) for _ in range(max(1, size // MARKER_BYTES)))


def markers(words: str) -> set[bytes]:
    """What to search for if these words are to be found, in whole or in part."""
    return set(_LIKE_A_MARKER.findall(words.encode()))


def search(folders: Iterable[Path]) -> dict[bytes, Path]:
    """Whatever looks like a marker in the files below these folders, with a file that holds it.

    By a process of its own: whoever closes a file loses all their locks on it, and SQLite's are among them.
    """
    command = [sys.executable, "-S", "-m", "faults.remains", *map(str, folders)]
    lines = subprocess.run(command, cwd=_ROOT, check=True, stdout=subprocess.PIPE).stdout.splitlines()
    found: dict[bytes, bytes] = dict(line.split(b" ", 1) for line in lines)
    # There are many markers and few files, and a path takes a while to make.
    paths = {file: Path(os.fsdecode(file)) for file in set(found.values())}
    return {marker: paths[file] for marker, file in found.items()}


def is_marker(found: bytes) -> bool:
    whole = urlsafe_b64decode(found[1:] + b"=")
    return whole[_HALF:] == _sum(whole[:_HALF])


def main(folders: list[str]) -> None:
    for folder in folders:
        for file in Path(folder).rglob("*"):
            for marker in set(_like_markers(file)):
                sys.stdout.buffer.write(b"%s %s\n" % (marker, bytes(file)))


def _like_markers(file: Path) -> list[bytes]:
    with suppress(FileNotFoundError):  # a database at work takes files away
        if file.is_file() and file.stat().st_size:
            with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as whole:
                return _LIKE_A_MARKER.findall(whole)
    return []


def _marker(half: bytes) -> str:
    return "~" + urlsafe_b64encode(half + _sum(half)).decode().rstrip("=")


def _sum(half: bytes) -> bytes:
    return crc32(half).to_bytes(_HALF, "big")


if __name__ == "__main__":
    main(sys.argv[1:])
