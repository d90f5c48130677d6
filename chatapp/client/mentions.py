"""Whom a text calls: `@` and a name in it, and whether that is oneself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from chatapp.client.wire import Event, Json

EVERYBODY: Json = {"id": "", "name": "here"}
"""All who are in the room."""

MOST = 20

_NO_CALL_AFTER = re.compile(r"[A-Za-z0-9._%+-]")  # an address of mail


def mentions_in(text: str, people: Iterable[Json]) -> list[Json]:
    """Those of these people (`id`, `name`) whom a text calls, by the names that stand there.

    Of two names the longer one, of two people of one name the first.
    """
    by_length = sorted(people, key=lambda person: -len(person["name"]))
    found: dict[str, Json] = {}
    end = 0
    for sign in re.finditer("@", text):
        start = sign.start()
        if start < end or _NO_CALL_AFTER.match(text[max(0, start - 1) : start]):
            continue
        person = next((one for one in by_length if _stands(one["name"], text, start + 1)), None)
        if person is None:
            continue
        end = start + 1 + len(person["name"])
        name = text[start + 1 : end]
        if all(one["name"] != name for one in found.values()):
            found.setdefault(person["id"], {"id": person["id"], "name": name})
    return list(found.values())[:MOST]


def calls(event: Event, me: str) -> bool:
    """Whether a message calls this person, by name or with all others."""
    return event["user"]["id"] != me and any(_is(one, me) for one in event["body"].get("mentions", ()))


def called_anew(body: Json, me: str) -> bool:
    """Whether it was the last edit of a message that called this person."""
    return any(
        _is(one, me) and one.get("since") == body.get("edited_seq") for one in body.get("mentions", ())
    )


def _is(mention: Json, me: str) -> bool:
    return mention["id"] in (me, EVERYBODY["id"])


def _stands(name: str, text: str, at: int) -> bool:
    written, behind = text[at : at + len(name)], text[at + len(name) : at + len(name) + 1]
    return bool(name) and written.lower() == name.lower() and not _goes_on(behind)


def _goes_on(character: str) -> bool:
    """Whether a word does: there are scripts that write theirs without spaces."""
    return character == "_" or (character.isalnum() and not _is_unspaced(character))


def _is_unspaced(character: str) -> bool:
    return any(first <= ord(character) <= last for first, last in _UNSPACED)


# Thai and Lao, Burmese, Hangul's letters, Khmer, kana and Han, Hangul.
_UNSPACED: Sequence[tuple[int, int]] = (
    *((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1100, 0x11FF), (0x1780, 0x17FF)),
    *((0x2E80, 0x9FFF), (0xA960, 0xA97F), (0xAC00, 0xD7FF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF)),
)
