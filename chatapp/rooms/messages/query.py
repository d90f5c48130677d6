"""The query: what somebody looks for in a room, and whether a message has it.

A query is *terms*, all of which a message must have, in whatever order and also as parts of longer words,
for not every script puts spaces between its words. A term is a word, or what stands in quotation marks.
Neither case counts nor accents, neither width nor how white space is made: both sides are *folded*.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from unicodedata import normalize

import regex

from chatapp.errors import BadRequest, Empty

# One that nobody has closed is closed by the end: people search while they type.
_QUOTATION_MARK = re.compile('["“”„‟«»]')
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
# What a letter wears, and what shows nothing. Signs that are letters of their own have no combining class.
# None comes before U+00AD, by which the letters of ASCII are passed over sooner.
_MARKS = regex.compile(
    r"(?V1)[[\u00ad-\U0010ffff]&&[\P{Canonical_Combining_Class=0}\p{Default_Ignorable_Code_Point}]]+"
)
_APOSTROPHES = "‘’ʼ"  # a telephone types another than a keyboard


class Query(NamedTuple):
    """Folded terms, in which white space is single spaces. None is part of another."""

    terms: tuple[str, ...]

    def matches(self, content: str) -> bool:
        text = " ".join(folded(content).split())
        return all(term in text for term in self.terms)


def parse_query(text: str, field: str = "q") -> Query:
    """What a stranger typed. Raises ``BadRequest`` or ``Empty``."""
    if _CONTROLS.search(text):
        raise BadRequest("A search has no control characters.", field=field)
    terms = dict.fromkeys(_terms(text))
    needed = tuple([term for term in terms if not any(term in other for other in terms.keys() - {term})])
    if not needed:
        raise Empty("A search needs something to look for.", field=field)
    return Query(needed)


def folded(text: str) -> str:
    """Without what does not count. A character becomes the same wherever it stands."""
    if text.isascii():
        return text.lower()
    text = _MARKS.sub("", normalize("NFKD", text)).casefold()
    for apostrophe in _APOSTROPHES:
        text = text.replace(apostrophe, "'")
    return text


def _terms(text: str) -> list[str]:
    """Every second part stands between quotation marks."""
    terms: list[str] = []
    for place, part in enumerate(_QUOTATION_MARK.split(text)):
        some = folded(part).split()
        terms += [" ".join(some)] if place % 2 and some else some
    return terms
