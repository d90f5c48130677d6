"""What proxies say of a request that they pass on: ``X-Forwarded-*``, or ``Forwarded`` (RFC 7239).

Pure parsing; whether it is believed is another question (see ``proxies``). ``Forwarded`` is read only
where nothing is said in the other way: a proxy that writes the one may let a stranger's other through.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, NamedTuple

_OF_SOCKETS = {"ws": "http", "wss": "https"}  # Traefik tells a socket's scheme
_HOST = re.compile(r"(?:[\w.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?", re.ASCII | re.IGNORECASE)
_PREFIX = re.compile(r"(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9._~-]+)+")
_PAIR = re.compile(r'([a-z]+)=("(?:[^"\\]|\\.)*"|[^\s",;=]+)', re.IGNORECASE)
_ELEMENT = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*")+')


class Hop(NamedTuple):
    """What one proxy says of whoever asked it; blank where it says nothing."""

    address: str = ""
    scheme: str = ""
    host: str = ""
    port: str = ""


def hops(environ: Mapping[str, Any]) -> list[Hop]:
    """The last is the nearest proxy's."""
    addresses = _header(environ, "FOR")
    about = _about(*(_last(environ, name) for name in ("PROTO", "HOST", "PORT")))
    if not addresses and not any(about) and "HTTP_FORWARDED" in environ:
        return [_element(text) for text in _ELEMENT.findall(str(environ["HTTP_FORWARDED"]))]
    return [about._replace(address=address) for address in addresses.split(",")]


def prefix(environ: Mapping[str, Any]) -> str | None:
    """The path that the nearest proxy has taken away, blank for none; None: it says nothing."""
    said = _header(environ, "PREFIX").rstrip("/")
    if "HTTP_X_FORWARDED_PREFIX" not in environ or (said and not is_prefix(said)):
        return None
    return said


def is_prefix(path: str) -> bool:
    """Whether it can stand before every address of ours, as it is, in a page too."""
    return _PREFIX.fullmatch(path) is not None


def address_in(text: str) -> IPv4Address | IPv6Address | None:
    """Of ``192.0.2.1``, ``192.0.2.1:4711``, ``2001:db8::1``, ``[2001:db8::1]`` or ``[2001:db8::1]:4711``."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        ip = ip_address(text)
    except ValueError:
        return None
    # A socket that listens on both families shows IPv4 peers in IPv6's clothes.
    return ip.ipv4_mapped or ip if isinstance(ip, IPv6Address) else ip


def _element(text: str) -> Hop:
    said = {name.lower(): re.sub(r"\\(.)", r"\1", value.strip('"')) for name, value in _PAIR.findall(text)}
    return _about(said.get("proto", ""), said.get("host", ""), "")._replace(address=said.get("for", ""))


def _about(scheme: str, host: str, port: str) -> Hop:
    scheme = _OF_SOCKETS.get(scheme.lower(), scheme.lower())
    return Hop(
        scheme=scheme if scheme in ("http", "https") else "",
        host=host if _HOST.fullmatch(host) else "",
        port=port if port.isascii() and port.isdecimal() and len(port) <= 5 else "",
    )


def _last(environ: Mapping[str, Any], name: str) -> str:
    return _header(environ, name).rpartition(",")[2].strip()


def _header(environ: Mapping[str, Any], name: str) -> str:
    return str(environ.get(f"HTTP_X_FORWARDED_{name}", "")).strip()
