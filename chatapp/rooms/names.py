"""The names in use in a room: two people may not be told apart by a capital letter only.

Nor by what a reader cannot see. Letters of different scripts that look alike stay different: to
know them takes a table that is never finished.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import count

_NUMBER_BEHIND = re.compile(r" \d+$")
# Unicode's Default_Ignorable_Code_Point, and the braille pattern without dots.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


class Names:
    """Who goes by which name. Several may share one: the plain dialect is never refused a name."""

    def __init__(self) -> None:
        self._holders: dict[str, set[str]] = {}

    def take(self, name: str, user_id: str) -> None:
        self._holders.setdefault(_likeness(name), set()).add(user_id)

    def give_back(self, name: str, user_id: str) -> None:
        likeness = _likeness(name)
        self._holders[likeness].discard(user_id)
        if not self._holders[likeness]:
            del self._holders[likeness]

    def is_held(self, name: str, *, by: str) -> bool:
        return by in self._holders.get(_likeness(name), ())

    def is_taken(self, name: str, *, asker: str) -> bool:
        return bool(self._holders.get(_likeness(name), set()) - {asker})

    def free_one_like(self, name: str, length_limit: int) -> str:
        """The name with the first number behind it that makes it free, cut to fit."""
        stem = _NUMBER_BEHIND.sub("", name)
        numbered = (_numbered(stem, number, length_limit) for number in count(2))
        return next(candidate for candidate in numbered if _likeness(candidate) not in self._holders)


def _numbered(stem: str, number: int, length_limit: int) -> str:
    ending = f" {number}"
    return stem[: length_limit - len(ending)].rstrip() + ending


def seen(name: str) -> str:
    """The name without what shows nothing; for comparing, since emoji are joined by such."""
    return "".join(c for c in _UNSEEN.sub("", name) if unicodedata.category(c) != "Cf")


def _likeness(name: str) -> str:
    """What two names have in common that a reader would take for one another."""
    folded = unicodedata.normalize("NFKC", seen(name)).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())
