"""The opening handshake of RFC 6455, version 13 and nothing older, without extensions.

Pure: a request's environ in, a refusal or the bytes of the answer out.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


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
    if environ.get("REQUEST_METHOD") != "GET" or not _is_key(environ.get("HTTP_SEC_WEBSOCKET_KEY", "")):
        return _refuse("400 Bad Request", b"Bad WebSocket handshake")
    return None


def answer(environ: Mapping[str, Any]) -> bytes:
    """The bytes that turn the connection into a WebSocket; ``refusal`` has said None."""
    digest = hashlib.sha1(environ["HTTP_SEC_WEBSOCKET_KEY"].strip().encode() + _GUID, usedforsecurity=False)
    return (
        b"HTTP/1.1 101 Switching Protocols\r\n"
        b"Upgrade: websocket\r\n"
        b"Connection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + base64.b64encode(digest.digest()) + b"\r\n\r\n"
    )


def _refuse(status: str, body: bytes, *headers: tuple[str, str]) -> Refusal:
    return Refusal(status, [("Content-Type", "text/plain"), ("Connection", "close"), *headers], body)


def _is_key(key: str) -> bool:
    try:
        return len(base64.b64decode(key.strip(), validate=True)) == 16
    except (binascii.Error, ValueError):
        return False
