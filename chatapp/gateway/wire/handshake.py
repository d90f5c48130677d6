"""The opening handshake of RFC 6455, version 13 and nothing older, without extensions.

Of the subprotocols that a client offers it gets the first, as from most servers: none of them means
anything here, and a browser that offered some ends a connection that chose none.

Pure: a request's environ in, a refusal or the bytes of the answer out.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class Refusal(NamedTuple):
    """An HTTP answer to a request that cannot become a WebSocket."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes


def refusal(environ: Mapping[str, Any]) -> Refusal | None:
    """Why this request cannot become a WebSocket; None if it can."""
    connection = [part.strip().lower() for part in environ.get("HTTP_CONNECTION", "").split(",")]
    if "upgrade" not in connection or environ.get("HTTP_UPGRADE", "").strip().lower() != "websocket":
        return _refuse("426 Upgrade Required", b"Expected WebSocket upgrade", ("Upgrade", "websocket"))
    if environ.get("HTTP_SEC_WEBSOCKET_VERSION") != "13":
        return _refuse("426 Upgrade Required", b"Expected version 13", ("Sec-WebSocket-Version", "13"))
    if environ.get("SERVER_PROTOCOL") == "HTTP/1.0" or not _are_tokens(_offered(environ)):
        return _refuse("400 Bad Request", b"Bad WebSocket handshake")
    if environ.get("REQUEST_METHOD") != "GET" or not _is_key(environ.get("HTTP_SEC_WEBSOCKET_KEY", "")):
        return _refuse("400 Bad Request", b"Bad WebSocket handshake")
    return None


def answer(environ: Mapping[str, Any]) -> bytes:
    """The bytes that turn the connection into a WebSocket; ``refusal`` has said None."""
    offered = _offered(environ)
    chosen = f"Sec-WebSocket-Protocol: {offered[0]}\r\n" if offered else ""
    digest = hashlib.sha1(environ["HTTP_SEC_WEBSOCKET_KEY"].strip().encode() + _GUID, usedforsecurity=False)
    return (
        b"HTTP/1.1 101 Switching Protocols\r\n"
        b"Upgrade: websocket\r\n"
        b"Connection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + base64.b64encode(digest.digest()) + b"\r\n" + chosen.encode() + b"\r\n"
    )


def _refuse(status: str, body: bytes, *headers: tuple[str, str]) -> Refusal:
    return Refusal(status, [("Content-Type", "text/plain"), ("Connection", "close"), *headers], body)


def _offered(environ: Mapping[str, Any]) -> list[str]:
    text = environ.get("HTTP_SEC_WEBSOCKET_PROTOCOL", "")
    return [part.strip() for part in text.split(",")] if text.strip() else []


def _are_tokens(offered: list[str]) -> bool:
    return all(_TOKEN.fullmatch(each) for each in offered)


def _is_key(key: str) -> bool:
    try:
        return len(base64.b64decode(key.strip(), validate=True)) == 16
    except (binascii.Error, ValueError):
        return False
