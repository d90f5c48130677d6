"""Where a request comes from: the address, the scheme, the page that sent it.

A header can say anything. ``X-Forwarded-*`` counts only when the peer is a proxy we were told to
trust, and of the addresses in it only the last one that no such proxy put there itself.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import urlsplit

from chatapp.limits import network_of

Network = IPv4Network | IPv6Network


class Proxies:
    """The proxies whose word is taken."""

    def __init__(self, trusted: Collection[Network]) -> None:
        self._trusted = trusted

    def address_of(self, environ: Mapping[str, Any]) -> str:
        """What counts as one address for the limits (of IPv6, the network of one customer)."""
        address = str(environ.get("REMOTE_ADDR") or "")
        hops = str(environ.get("HTTP_X_FORWARDED_FOR", "")).split(",")
        while hops and self._is_trusted(address):
            hop = _parsed(hops.pop())
            if hop is None:
                break
            address = str(hop)
        return network_of(address)

    def is_https(self, environ: Mapping[str, Any]) -> bool:
        scheme = environ.get("wsgi.url_scheme")
        if self._is_trusted(str(environ.get("REMOTE_ADDR") or "")):
            forwarded = str(environ.get("HTTP_X_FORWARDED_PROTO", "")).rpartition(",")[2].strip()
            scheme = forwarded.lower() or scheme
        return scheme == "https"

    def _is_trusted(self, address: str) -> bool:
        ip = _parsed(address)
        return ip is not None and any(ip in network for network in self._trusted)


def is_origin_allowed(origin: str, host: str, allowed_origins: Collection[str]) -> bool:
    """Whether a page of this origin is ours or a listed one; ``host`` is the request's Host header."""
    if origin in allowed_origins:
        return True
    try:
        scheme, netloc, *rest = urlsplit(origin)
    except ValueError:
        return False
    # The scheme is not compared: behind a proxy that ends TLS, ours looks like http to us.
    return scheme in ("http", "https") and not any(rest) and netloc.lower() == host.lower() != ""


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        ip = ip_address(text.strip())
    except ValueError:
        return None
    # A socket that listens on both families shows IPv4 peers in IPv6's clothes.
    return ip.ipv4_mapped or ip if isinstance(ip, IPv6Address) else ip
