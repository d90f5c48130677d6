"""Candidates: which rows could match a query, by their words as they are stored.

Whatever matches is among them; what else is among them costs a closer look. A text that is all in ASCII is
judged by the database, whose ``LIKE`` knows to pass over the case of ASCII. All others it lets pass, for what
folding makes of them it cannot know. A regular expression could, but one that is made of a stranger's query
can take for ever with a stranger's text, and holds up the whole process meanwhile. So they are folded here,
many at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias

from sqlalchemy import Boolean, ColumnElement, FunctionElement, and_, or_
from sqlalchemy.ext.compiler import compiles

from chatapp.rooms.messages.query import Query, folded

# The stored JSON writes quotation marks and backslashes as more than themselves, and many kinds of white
# space are one to a query.
_NOT_LITERAL = re.compile(r'[\s"\\]+')
_WILDCARDS = re.compile("[%_]")


# No text has one: PostgreSQL stores none, and JSON writes it otherwise.
_BETWEEN = "\0"

FOLDED_AT_ONCE = 16_384
"""Characters: a fraction of a millisecond, in which Python does nothing else."""

Stored: TypeAlias = tuple[int, str]  # a seq, and words


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


def literals_of(query: Query) -> list[str]:
    """What the stored words of whatever matches have in them, once they are folded."""
    parts = (part for term in query.terms for part in _NOT_LITERAL.split(term))
    return [part for part in parts if part]


def that_could_match(rows: Iterable[Stored], literals: Sequence[str]) -> Iterator[Stored]:
    """Those of these rows that have all the literals."""
    for some in _batches(rows):
        together = folded(_BETWEEN.join([words for _, words in some]))
        if _has_all(together, literals):
            texts = together.split(_BETWEEN)
            yield from (row for row, text in zip(some, texts, strict=True) if _has_all(text, literals))


def _has_all(text: str, literals: Iterable[str]) -> bool:
    return all(literal in text for literal in literals)


def _batches(rows: Iterable[Stored]) -> Iterator[list[Stored]]:
    batch: list[Stored] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += len(row[1])
        if size >= FOLDED_AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


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
    # ILIKE would make small letters of the pattern too, for each text.
    return rf"""(lower({words} COLLATE "C") LIKE {pattern} ESCAPE '\')"""
