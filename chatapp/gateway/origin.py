"""Which pages may open a socket here: our own, the listed ones, and programs that are no page.

A browser always names the page's origin and cannot be made to lie by it. A program sends none, and
has to show a token instead.
"""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit


def is_origin_allowed(origin: str | None, host: str, allowed_origins: Collection[str]) -> bool:
    """``host`` is what the request's Host header says, ``origin`` its Origin header if it has one."""
    if origin is None:
        return True
    if origin in allowed_origins:
        return True
    try:
        scheme, netloc, *rest = urlsplit(origin)
    except ValueError:
        return False
    # The scheme is not compared: behind a proxy that ends TLS, ours looks like http to us.
    return scheme in ("http", "https") and not any(rest) and netloc.lower() == host.lower() != ""
