"""Candidates: which rows could match a query, by their words as they are stored, folded by nobody.

Whatever matches is among them; what else is among them costs a closer look. A text that is all in ASCII is
judged by the database, whose ``LIKE`` knows to pass over the case of ASCII. All others it lets pass: what
folding makes of them is judged by a regular expression, in which each character of a term stands for all
that are folded to it, with marks between them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import chain
from typing import Any
from unicodedata import decomposition

from sqlalchemy import Boolean, ColumnElement, FunctionElement, and_, or_
from sqlalchemy.ext.compiler import compiles

from chatapp.rooms.messages.query import APOSTROPHES, Query, folded

# The stored JSON writes quotation marks and backslashes as more than themselves, and many kinds of white
# space are one to a query.
_NOT_LITERAL = re.compile(r'[\s"\\]+')
_WILDCARDS = re.compile("[%_]")


# --- the regular expression -------------------------------------------------------------------

# What folding takes away, and the backslash of an escape: of all these only fillers of Hangul are letters.
_BETWEEN = r"[\W_\u115f\u1160\u3164\uffa0]*"
_SYLLABLES = "\uac00-\ud7a3"  # Unicode composes and decomposes them by counting; no table has them
_JAMO = re.compile("[\u1100-\u11ff]")
_VOWELS_AND_FINALS = re.compile("[\u1161-\u11ff]")
_BEYOND = "\U00010000-\U0002fa1f"  # for all of those beyond 16 bits, which ``re`` would compare one by one
# The blocks of CJK in between have no case, and decompose nothing but what stands for compatibility.
_BLOCKS = ((0x00, 0x3400), (0xA000, 0xAC00), (0xD7B0, 0xD800), (0xF900, 0x20000), (0x2F800, 0x2FA20))


@lru_cache(maxsize=64)
def look(query: Query) -> Callable[[str], bool]:
    """Tells of stored words whether the query could match."""
    searches = [re.compile(_expression(term), re.DOTALL).search for term in query.terms]
    return lambda words: all(search(words) for search in searches)


def _expression(term: str) -> str:
    return _BETWEEN.join(_characters(term))


def _characters(term: str) -> Iterator[str]:
    before = ""
    for char in term:
        if char == " ":
            yield ".*?"  # an escape, perhaps, or several
        else:
            yield _class(char) + ("?" if _may_be_one(before + char) else "")
        before = char


def _class(char: str) -> str:
    near = [source for source in _sources().get(char, ()) if source <= "\uffff"]
    beyond = _BEYOND if len(near) < len(_sources().get(char, ())) else ""
    syllables = _SYLLABLES if _JAMO.match(char) else ""
    return f"[{re.escape(''.join([char, *near]))}{beyond}{syllables}]"


def _may_be_one(pair: str) -> bool:
    """Whether some character is folded to both of these, as the sharp s is to two of it."""
    if _VOWELS_AND_FINALS.match(pair[-1]):
        return True
    return any(pair in folded(char) for char in _sources().get(pair[-1], ())) if len(pair) > 1 else False


@cache
def _sources() -> dict[str, list[str]]:
    """By a folded character, those that become it, alone or with others."""
    sources: dict[str, list[str]] = {}
    for char in map(chr, chain.from_iterable(range(*block) for block in _BLOCKS)):
        if char.casefold() != char or decomposition(char) or char in APOSTROPHES:
            for part in set(folded(char)) - {char}:
                sources.setdefault(part, []).append(char)
    return sources


# --- the database's part ----------------------------------------------------------------------


class _is_not_ascii(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True


class _is_like(FunctionElement[bool]):
    """As ``LIKE``, without regard to the case of the letters of ASCII, whatever language the database has."""

    type = Boolean()
    inherit_cache = True


def could_match(words: ColumnElement[str | None], patterns: Sequence[ColumnElement[str]]) -> Any:
    """True wherever the query of these patterns matches, and perhaps elsewhere."""
    if not patterns:
        return _is_not_ascii(words)
    return or_(_is_not_ascii(words), and_(*[_is_like(words, pattern) for pattern in patterns]))


def patterns_of(query: Query) -> list[str]:
    """For ``LIKE``; none if no text that is all in ASCII can match."""
    return [_pattern(term) for term in query.terms] if all(term.isascii() for term in query.terms) else []


def _pattern(term: str) -> str:
    literal = (_WILDCARDS.sub(r"\\\g<0>", part) for part in _NOT_LITERAL.split(term))
    return f"%{'%'.join(literal)}%"


@compiles(_is_not_ascii, "sqlite")
def _is_not_ascii_on_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    (words,) = [compiler.process(clause, **options) for clause in element.clauses]
    return f"(length(CAST({words} AS BLOB)) <> length({words}))"


@compiles(_is_not_ascii, "postgresql")
def _is_not_ascii_on_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    (words,) = [compiler.process(clause, **options) for clause in element.clauses]
    return f"(octet_length({words}) <> char_length({words}))"


@compiles(_is_like, "sqlite")
def _is_like_on_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    words, pattern = [compiler.process(clause, **options) for clause in element.clauses]
    return rf"({words} LIKE {pattern} ESCAPE '\')"


@compiles(_is_like, "postgresql")
def _is_like_on_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    words, pattern = [compiler.process(clause, **options) for clause in element.clauses]
    return rf"""({words} COLLATE "C" ILIKE {pattern} ESCAPE '\')"""
