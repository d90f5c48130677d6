"""What the process that decodes says: one line of JSON, and behind it the bytes of each rendition."""

from __future__ import annotations

from typing import Literal

import msgspec

LONGEST_LINE = 4096
PICTURE = "picture"  # the name of that which is the picture itself; thumbnails are called by their size

Why = Literal["damaged", "too_large"]


class Rendition(msgspec.Struct, frozen=True, kw_only=True):
    """The picture as it was written anew, or a thumbnail of it: so many bytes."""

    name: str
    size: int
    width: int
    height: int


class Made(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A picture written anew. ``renditions`` come in this order; the first is the picture."""

    type: str
    renditions: list[Rendition]
    placeholder: str | None = None
    is_animated: bool = False


class NotMade(msgspec.Struct, frozen=True, kw_only=True):
    """``error`` is the name of what went wrong in the decoder, for the log."""

    why: Why
    error: str


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One of the two."""

    made: Made | None = None
    refused: NotMade | None = None


class PictureRefused(Exception):
    """It cannot be decoded (``damaged``), or takes more than a picture may (``too_large``)."""

    def __init__(self, why: Why, error: str) -> None:
        super().__init__(f"{why}: {error}")
        self.why = why
        self.error = error


class LookLost(Exception):
    """The process ended, or could not begin, for a reason that is not the picture's: try again."""
