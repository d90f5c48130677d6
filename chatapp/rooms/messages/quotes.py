"""Quotes: what an answer shows of the message that it answers. Made whenever it is read, and never stored."""

from __future__ import annotations

import msgspec
import regex
from msgspec import UNSET, UnsetType

EXCERPT_LENGTH = 140
"""In what a reader takes for characters, which Unicode calls grapheme clusters."""

# Possessive, or a text that is one long cluster would be tried again from each of its characters.
_EXCERPT = regex.compile(rf"\X{{0,{EXCERPT_LENGTH}}}+")


class Author(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    id: str
    name: str


class Quote(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What a message answers, in short, and when (ms) that was said: until it expires.

    ``files`` is how many it has; 0 and absent if it has none. ``rev`` is the seq of its last edit; 0 and
    absent if there was none. Not of a reaction: that is no change of what is quoted.
    """

    seq: int
    ts: int | UnsetType = UNSET
    user: Author | UnsetType = UNSET
    excerpt: str | UnsetType = UNSET
    files: int = 0
    rev: int = 0
    deleted: bool = False
    expired: bool = False


def expired_quote(seq: int) -> Quote:
    return Quote(seq=seq, expired=True)


def excerpt(text: str) -> str:
    """The first so many characters, as a reader counts them."""
    if len(text) <= EXCERPT_LENGTH:
        return text
    if text.isascii() and "\r" not in text:
        return text[:EXCERPT_LENGTH]
    found = _EXCERPT.match(text)
    assert found is not None  # it may be empty
    return str(found[0])
