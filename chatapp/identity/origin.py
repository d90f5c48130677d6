"""Origins: which pages are the chat's own, and which belong to sites that were listed.

A browser writes an origin in one way, other clients in several: some Swift clients name the socket's
scheme (``wss``), some write a port that goes without saying. What means the same counts the same.
"""

from __future__ import annotations

import re
from collections.abc import Collection

_ORIGIN = re.compile(r"([a-z][a-z0-9+.-]*)://([^\s/?#@\\]+)")
_OF_SOCKETS = {"ws": "http", "wss": "https"}
_OWN_PORT = {"http": ":80", "https": ":443"}


def canonical(origin: str | None) -> str | None:
    """As browsers write it: lower case, no port where it is the scheme's own; None: it is none."""
    found = _ORIGIN.fullmatch((origin or "").lower())
    if found is None:
        return None
    scheme = _OF_SOCKETS.get(found[1], found[1])
    return f"{scheme}://{without_own_port(scheme, found[2])}"


def origin_of(address: str) -> str:
    """Of a page's address, as a Referer has it."""
    return "/".join(address.split("/", 3)[:3])


def without_own_port(scheme: str, host: str) -> str:
    return host.removesuffix(_OWN_PORT.get(scheme, ""))


def is_own_origin(origin: str | None, host: str) -> bool:
    """Whether a page of this origin came from ``host``, as in a request's Host header."""
    scheme, _, netloc = (canonical(origin) or "").partition("://")
    # The scheme is not compared: behind a proxy that ends TLS, ours may look like http to us.
    return scheme in _OWN_PORT and netloc == without_own_port(scheme, host.lower()) != ""


def is_listed(origin: str | None, allowed_origins: Collection[str]) -> bool:
    return canonical(origin) in allowed_origins


def is_origin_allowed(origin: str | None, host: str, allowed_origins: Collection[str]) -> bool:
    """Whether a page of this origin is ours or a listed one; ``host`` is the request's Host header."""
    return is_listed(origin, allowed_origins) or is_own_origin(origin, host)
