"""Where a request comes from, and what its visitor asked for: address, scheme, host and path.

A header can say anything. What proxies add counts only when the peer is one we were told to
trust, and of the addresses in it only the last one that no such proxy put there itself. A proxy that
says too little is made up for by the public URL, where one is set.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from ipaddress import IPv4Network, IPv6Network
from typing import Any
from urllib.parse import urlsplit

from chatapp.identity import forwarded
from chatapp.identity.forwarded import Hop, address_in
from chatapp.identity.origin import is_own_origin, origin_of, without_own_port
from chatapp.limits import network_of

Network = IPv4Network | IPv6Network

_HAS_PORT = re.compile(r":\d+$")


class Proxies:
    """The proxies whose word is taken, and the address that the chat is known by (``https://a.example/talk``)."""

    def __init__(self, trusted: Collection[Network], public_url: str | None = None) -> None:
        self._trusted = trusted
        self._public = urlsplit(public_url or "")

    def address_of(self, environ: Mapping[str, Any]) -> str:
        """What counts as one address for the limits (of IPv6, the network of one customer)."""
        return network_of(self._heard(environ)[0])

    def share_of(self, peer: str) -> str | None:
        """The address for which a peer's connections count; None for a proxy, which brings many people's."""
        return None if self._is_trusted(peer) else network_of(peer)

    def is_https(self, environ: Mapping[str, Any]) -> bool:
        return self._scheme(environ, self._heard(environ)[1]) == "https"

    def is_proxy(self, environ: Mapping[str, Any]) -> bool:
        """Whether the peer is one of them."""
        return self._is_trusted(_peer(environ))

    def is_public_name(self, name: str) -> bool:
        return name == self._public.hostname

    def arrive(self, environ: dict[str, Any]) -> None:
        """Make the environ say what the visitor's browser asked for, as if nobody stood in between."""
        said = self._heard(environ)[1]
        environ["wsgi.url_scheme"] = self._scheme(environ, said)
        environ["HTTP_HOST"] = self._host(environ, said)
        taken_away = forwarded.prefix(environ) if self.is_proxy(environ) else None
        if taken_away is None:
            taken_away = self._public.path
            self._take_away(environ, taken_away)
        environ["SCRIPT_NAME"] = taken_away

    def _scheme(self, environ: Mapping[str, Any], said: Hop) -> str:
        """What says https holds, set or said: a proxy behind the one that ends TLS says http of itself."""
        known = (self._public.scheme, said.scheme, environ.get("wsgi.url_scheme"))
        return "https" if "https" in known[:2] else str(next(filter(None, known), "http"))

    def _host(self, environ: Mapping[str, Any], said: Hop) -> str:
        """Of the hosts that the visitor may have asked for, the one that the page came from."""
        written = str(environ.get("HTTP_HOST", ""))
        known = [host for host in (said.host, written, self._public.netloc) if host]
        # A proxy may tell the port apart from the host, and the port may be one that only it knows.
        known += [f"{host}:{said.port}" for host in known if said.port and not _HAS_PORT.search(host)]
        page = str(environ.get("HTTP_ORIGIN") or environ.get("HTTP_REFERER") or "")
        own = [host for host in known if is_own_origin(origin_of(page), host)]
        return without_own_port(environ["wsgi.url_scheme"], [*own, *known, ""][0])

    def _take_away(self, environ: dict[str, Any], path: str) -> None:
        """A proxy may pass the path on that the chat lies under, or take it away: both work."""
        asked = environ.get("PATH_INFO", "")
        if path and (asked == path or asked.startswith(path + "/")):
            environ["PATH_INFO"] = asked[len(path) :]

    def _heard(self, environ: Mapping[str, Any]) -> tuple[str, Hop]:
        """The address of who came, and what is said of their request by the first proxy of ours."""
        address, said = _peer(environ), Hop()
        waiting = forwarded.hops(environ) if self._is_trusted(address) else []
        while waiting and self._is_trusted(address):
            said = waiting.pop()
            hop = address_in(said.address)
            if hop is None:
                break
            address = str(hop)
        return address, said

    def _is_trusted(self, address: str) -> bool:
        ip = address_in(address) if self._trusted else None
        return ip is not None and any(ip in network for network in self._trusted)


def _peer(environ: Mapping[str, Any]) -> str:
    return str(environ.get("REMOTE_ADDR") or "")
