"""Request checks: what a request of Engine.IO must be before python-engineio sees it.

python-engineio answers 200 to a body it could not read and loses what was in it, and 500 to half a
WebSocket handshake, with a session left over. Here too much is 413, nonsense 400 and a handshake that
is none 426 or 400; one connection too many is 429, any at all while memory is at its bound 503; and
nothing of such a request is handled. Whatever the answer is, ours or python-engineio's, an allowed page
may read it and no cache may keep it.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from math import ceil
from typing import Any
from urllib.parse import parse_qs

from chatapp import limits
from chatapp.errors import TooManyConnections
from chatapp.gateway.wire import handshake
from chatapp.gateway.wire.handshake import Refusal
from chatapp.gateway.wire.memory_bound import RETRY_AFTER_SECONDS

MAX_BODY_BYTES = limits.FRAME_BYTES + 1_024  # one message of the largest size, and the packet around it
_SEPARATOR = "\x1e"
_KINDS = "1346"  # close, pong, message, nothing: all that a client has to say by POST
_METHODS = ("GET", "POST", "OPTIONS")

WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]
Environ = dict[str, Any]


class RequestChecks:
    """Wraps the WSGI application; only requests under ``path`` are looked at.

    ``check_transport`` is asked before a connection begins, and may raise ``TooManyConnections``;
    ``is_allowed`` is asked whether a page of this origin may talk to us, ``is_full`` whether this node
    has no room for anybody new.
    """

    def __init__(
        self,
        app: WsgiApp,
        path: str,
        *,
        check_transport: Callable[[Environ], None],
        is_allowed: Callable[[str, Environ], bool],
        is_full: Callable[[], bool],
    ) -> None:
        self._app = app
        self._path = path
        self._check_transport = check_transport
        self._is_allowed = is_allowed
        self._is_full = is_full

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        if not environ["PATH_INFO"].startswith(self._path):
            return self._app(environ, start_response)

        def answer(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            return start_response(status, [*headers, *self._added(environ, headers)], exc_info)

        refused = self._refusal(environ)
        if refused is None:
            return self._app(environ, answer)
        answer(refused.status, refused.headers)
        return [refused.body]

    def _added(self, environ: Environ, headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
        added = [("Vary", "Origin"), ("Cache-Control", "no-store")]
        origin = environ.get("HTTP_ORIGIN")
        if origin is not None and self._is_allowed(origin, environ):
            added += [("Access-Control-Allow-Origin", origin), ("Access-Control-Allow-Credentials", "true")]
        present = {name.lower() for name, _ in headers}
        return [(name, value) for name, value in added if name.lower() not in present]

    def _refusal(self, environ: Environ) -> Refusal | None:
        if environ["REQUEST_METHOD"] not in _METHODS:
            return _refuse("405 Method Not Allowed", ("Allow", ", ".join(_METHODS)))
        query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
        if "j" in query:  # JSONP: an answer as a script, which any site could run
            return _refuse("400 Bad Request")
        if environ["REQUEST_METHOD"] == "POST":
            status = _check_body(environ)
            return None if status is None else _refuse(status)
        is_upgrade = environ.get("HTTP_UPGRADE", "").lower() == "websocket"
        refused = None
        if query.get("transport") == ["websocket"] or is_upgrade:
            refused = handshake.refusal(environ)
        return refused or (None if "sid" in query else self._refused_transport(environ))

    def _refused_transport(self, environ: Environ) -> Refusal | None:
        if self._is_full():
            return _refuse("503 Service Unavailable", ("Retry-After", str(RETRY_AFTER_SECONDS)))
        try:
            self._check_transport(environ)
        except TooManyConnections as error:
            seconds = ceil((error.retry_after_ms or 0) / 1000)
            return _refuse("429 Too Many Requests", ("Retry-After", str(seconds)))
        return None


def _refuse(status: str, *headers: tuple[str, str]) -> Refusal:
    return Refusal(status, [("Content-Type", "text/plain"), *headers], status.encode())


def _check_body(environ: Environ) -> str | None:
    """The status that refuses the body; None lets it pass, read and put back."""
    if int(environ.get("CONTENT_LENGTH") or 0) > MAX_BODY_BYTES:
        return "413 Content Too Large"
    try:
        body = environ["wsgi.input"].read(MAX_BODY_BYTES + 1)
    except (ValueError, OSError):  # chunks that make no sense, or never come
        return "400 Bad Request"
    if len(body) > MAX_BODY_BYTES:  # sent in chunks, without a length
        return "413 Content Too Large"
    try:
        packets = body.decode().split(_SEPARATOR)
    except UnicodeDecodeError:
        return "400 Bad Request"
    if any(packet[:1] not in _KINDS or not packet for packet in packets):
        return "400 Bad Request"
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    return None
