"""Likeness: what names have in common that a reader takes for one another.

Two names are alike if they share a *likeness*. Each has one or two: that of its letters, small or large;
and that of its picture, for a large I is drawn as a small l. Both leave out what is not seen (``sight``), and
put one character for all that look like it: the *skeleton* of Unicode Technical Standard 39, by its table
in ``confusables.txt``.

A likeness can be read as the name it is of. A room goes by a *digest* of each, which is also what is stored:
it tells whether two are the same, and differs from room to room.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from hashlib import blake2b
from importlib.resources import files

from chatapp.rooms.sight import seen

# Which emoji make one picture is up to the reader's font: a family and its members may look alike.
_JOINING = dict.fromkeys((0x200D, 0xFE0F, *range(0xE0020, 0xE0080)))
REMEMBERED = 4_096  # a room asks about the same names again and again
DIGEST_BYTES = 16


def _confusables() -> dict[int, str]:
    lines = (files(__package__) / "confusables.txt").read_text("utf-8").splitlines()
    pairs = (line.split(" ", 1) for line in lines if not line.startswith("#"))
    return {int(code, 16): "".join(chr(int(other, 16)) for other in others.split()) for code, others in pairs}


_CONFUSABLES = _confusables()


@lru_cache(maxsize=REMEMBERED)
def likenesses(name: str) -> tuple[str, ...]:
    """One, or two, of which the first is that of the letters."""
    written = unicodedata.normalize("NFKC", seen(name).translate(_JOINING))
    by_letter = _folded(_skeleton(written.casefold()))
    by_picture = _folded(_skeleton(_folded(_skeleton(written))))
    return (by_letter,) if by_letter == by_picture else (by_letter, by_picture)


@lru_cache(maxsize=REMEMBERED)
def digests(room_id: str, name: str) -> tuple[str, ...]:
    """One for each likeness of the name, in their order."""
    return tuple(digest(room_id, likeness) for likeness in likenesses(name))


def digest(room_id: str, likeness: str) -> str:
    return blake2b(f"{room_id}\n{likeness}".encode(), digest_size=DIGEST_BYTES).hexdigest()


def _skeleton(text: str) -> str:
    return unicodedata.normalize("NFD", text).translate(_CONFUSABLES)


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text.casefold()).split())
