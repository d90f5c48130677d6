"""The door of Engine.IO: what a request must be before python-engineio sees it.

python-engineio answers 200 to a body it could not read and loses what was in it, and 500 to half a
WebSocket handshake, with a session left over. Here too much is 413, nonsense 400 and a handshake
that is none 426 or 400, and nothing of such a request is handled.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

from chatapp import limits
from chatapp.gateway import handshake
from chatapp.gateway.polling import MAX_PACKETS

MAX_BODY_BYTES = limits.FRAME_BYTES + 1_024  # one message of the largest size, and the packet around it
_SEPARATOR = "\x1e"
_KINDS = "134"  # close, pong, message: all that a client has to say by POST

WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Doorway:
    """Wraps the WSGI application; only requests under ``path`` are looked at."""

    def __init__(self, app: WsgiApp, path: str) -> None:
        self._app = app
        self._path = path

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        refused = _refusal(environ) if environ["PATH_INFO"].startswith(self._path) else None
        if refused is None:
            return self._app(environ, start_response)
        start_response(refused.status, refused.headers)
        return [refused.body]


def _refusal(environ: dict[str, Any]) -> handshake.Refusal | None:
    if environ["REQUEST_METHOD"] == "POST":
        status = _check_body(environ)
        if status is None:
            return None
        return handshake.Refusal(status, [("Content-Type", "text/plain")], status.encode())
    transport = parse_qs(environ.get("QUERY_STRING", "")).get("transport")
    if transport == ["websocket"] or environ.get("HTTP_UPGRADE", "").lower() == "websocket":
        return handshake.refusal(environ)
    return None


def _check_body(environ: dict[str, Any]) -> str | None:
    """The status that refuses the body; None lets it pass, read and put back."""
    if int(environ.get("CONTENT_LENGTH") or 0) > MAX_BODY_BYTES:
        return "413 Content Too Large"
    body = environ["wsgi.input"].read(MAX_BODY_BYTES + 1)
    if len(body) > MAX_BODY_BYTES:  # sent in chunks, without a length
        return "413 Content Too Large"
    try:
        packets = body.decode().split(_SEPARATOR)
    except UnicodeDecodeError:
        return "400 Bad Request"
    if len(packets) > MAX_PACKETS or any(packet[:1] not in _KINDS or not packet for packet in packets):
        return "400 Bad Request"
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    return None
