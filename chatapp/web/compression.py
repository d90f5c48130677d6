"""Answers made small on the way, for browsers that can unpack them."""

from __future__ import annotations

import gzip

from flask import Response, request

_LEVEL = 6
_SMALLEST = 1_024  # bytes; below that it is not worth it


def may_compress(response: Response) -> bool:
    """Says in the answer that there are two forms of it, and whether this browser takes the small one."""
    response.vary.add("Accept-Encoding")
    return response.status_code == 200 and bool(request.accept_encodings["gzip"])


def compress(response: Response) -> Response:
    """An answer that is made anew each time, and is no secret of somebody else's.

    Whoever can put words into a page of history can read it all the same: its size tells them nothing.
    """
    plain = response.get_data()
    if len(plain) >= _SMALLEST and may_compress(response):
        response.set_data(gzip.compress(plain, _LEVEL))
        response.headers["Content-Encoding"] = "gzip"
    return response
