"""What is said over HTTP about a file that is there: an address for those who can show no token."""

from __future__ import annotations

from typing import ClassVar, Literal

from chatapp.protocol.aspect import Route, Words
from chatapp.protocol.forms import Ack, Ms, Request

_REFUSES = (401, 404, 409, 410, 429, 503)


class FileAddress(Ack, frozen=True, kw_only=True):
    """A path with all that is needed behind it, for the one who asked, until ``expires_at``.

    It is good for the thumbnails too: their path, with the same behind it.
    """

    address: str
    expires_at: Ms


class FileRequest(Request, frozen=True, kw_only=True):
    """A file that a message names, or that one has uploaded oneself. ``side`` is a smaller picture's."""

    event: ClassVar[str] = "file"
    ack: ClassVar[type[Ack]] = FileAddress

    upload: str
    side: Literal["360", "1080"]


WORDS = Words(
    routes=(
        Route(
            method="GET",
            path="/files/{upload}",
            summary="A file, or a range of it. What is not sent yet is its sender's alone.",
            answer=None,
            needs_token=True,
            request=FileRequest,
            refuses=_REFUSES,
        ),
        Route(
            method="GET",
            path="/files/{upload}/{side}",
            summary="A picture made smaller, as WebP: `360` or `1080` pixels, where the message names it.",
            answer=None,
            needs_token=True,
            request=FileRequest,
            refuses=_REFUSES,
        ),
        Route(
            method="GET",
            path="/api/files/{upload}/address",
            summary="An address of the file that needs no token, for ten minutes.",
            answer=FileAddress,
            needs_token=True,
            request=FileRequest,
            refuses=_REFUSES,
        ),
    ),
)
