"""Security: what every answer tells the browser, and which sites may change anything here.

A page of ours loads its own files, runs its own scripts and talks to its own server; nothing that
a person writes into a message can make it do more. A browser that was lured into a request by
another site is refused: it says where the request came from, and scripts cannot make it lie.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from flask import Flask, Response, request

from chatapp.errors import Forbidden
from chatapp.identity import SignInCookie, is_listed, is_origin_allowed
from chatapp.web.arrival import is_local
from chatapp.web.credentials import bearer_token, drop_foreign_cookies

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",  # of one's own, before they are sent
        "font-src 'self'",
        "connect-src 'self'",  # the page's own WebSockets are its own origin too
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# What a document may do; a file that documents are made of says nothing of it.
OF_DOCUMENTS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    # A room's address is its key: other sites never see it. Our own server needs it, to know our page.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
# On plain http a browser ignores it, and complains in the console, except for its own machine.
OPENER_POLICY = "same-origin"
# For the pages of listed sites, which bring a token and never our cookie.
CORS = {
    "Access-Control-Allow-Headers": (
        "Authorization, Content-Type, Idempotency-Key, Tus-Resumable, Upload-Checksum, Upload-Length, "
        "Upload-Metadata, Upload-Offset, X-HTTP-Method-Override"
    ),
    "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
    "Access-Control-Expose-Headers": (
        "Location, Retry-After, Tus-Checksum-Algorithm, Tus-Extension, Tus-Max-Size, Tus-Resumable, "
        "Tus-Version, Upload-Expires, Upload-Length, Upload-Metadata, Upload-Offset"
    ),
}
OF_FILES = {
    "Access-Control-Allow-Headers": "Authorization, Range, If-Range",
    "Access-Control-Allow-Methods": "GET",
    "Access-Control-Expose-Headers": "Content-Disposition, Content-Length, Content-Range, ETag, Retry-After",
}
HSTS = "max-age=31536000"
_FOUND = ("200", "206", "304")
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class SaidAlways:
    """Wraps the WSGI application: adds what every answer says, whoever gives it."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        always, of_documents = list(HEADERS.items()), list(OF_DOCUMENTS.items())
        is_https = environ.get("wsgi.url_scheme") == "https"
        if is_https:
            always.append(("Strict-Transport-Security", HSTS))
        if is_https or is_local(environ.get("HTTP_HOST", "")):
            of_documents.append(("Cross-Origin-Opener-Policy", OPENER_POLICY))
        is_static = environ["PATH_INFO"].startswith("/static/")

        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            is_file = is_static and status.startswith(_FOUND)  # what is not there is answered with a page
            said = always if is_file else always + of_documents
            own = {name.lower() for name, _ in headers}  # what people have sent may do less
            said = [header for header in said if header[0].lower() not in own]
            return start_response(status, [*headers, *said], *exc_info)

        answer: Iterable[bytes] = self._app(environ, start)
        return answer


def protect(app: Flask, *, cookie: SignInCookie, allowed_origins: Collection[str]) -> None:
    # Outermost, since Engine.IO answers past Flask.
    app.wsgi_app = SaidAlways(app.wsgi_app)  # type: ignore[method-assign]

    @app.before_request
    def refuse_other_sites() -> None:
        if request.method not in _SAFE_METHODS and not _may_change(cookie, allowed_origins):
            raise Forbidden("Another site sent this request.")

    @app.after_request
    def say_what_is_allowed(response: Response) -> Response:
        is_api = request.path.startswith("/api/")
        response.headers.setdefault("Cache-Control", "no-store" if is_api else "no-cache")
        is_files = request.path.startswith("/files/")
        if is_api or is_files or request.path.startswith("/static/"):
            response.vary.add("Origin")
            if is_listed(request.headers.get("Origin"), allowed_origins):
                response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
                response.headers.extend(CORS if is_api else OF_FILES if is_files else {})
        return drop_foreign_cookies(response, cookie)


def _may_change(cookie: SignInCookie, allowed_origins: Collection[str]) -> bool:
    """A token in a header is no browser's doing; a cookie needs a page of ours behind it."""
    if bearer_token() is not None:
        return True
    shows_cookie = cookie.is_shown(request.environ)
    origin = request.headers.get("Origin")
    if origin is not None:
        others = () if shows_cookie else allowed_origins
        return is_origin_allowed(origin, request.headers.get("Host", ""), others)
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return not shows_cookie
