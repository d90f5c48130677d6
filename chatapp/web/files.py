"""Files: ``/files/<id>``, and its thumbnails.

Who asks and what of it there is are looked up each time: a browser keeps a file, and asks before it shows it
again. Nothing that a person has sent runs here: pictures are those that we have made, what is played is
played in a sandbox, and all else is only downloaded.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response, request

from chatapp.access import FileAccess, Served
from chatapp.errors import Unauthorized, UploadUnknown
from chatapp.files.disposition import disposition
from chatapp.files.port import ObjectMissing
from chatapp.files.ranges import NotSatisfiable, Span, span_of
from chatapp.identity import AskUsers, FileAddresses, Guest, People, SignInCookie
from chatapp.limits.rates import Rates
from chatapp.protocol.files import FileAddress
from chatapp.runtime import answer_of
from chatapp.web.bodies import json_answer
from chatapp.web.credentials import shown_token, visitor_of
from chatapp.web.file_bodies import FileBodies

SANDBOX = "sandbox; default-src 'none'"
# A browser that opens one puts it into a page of its own, with its styles; a player asks once more, and has
# to be of our origin for that. No script runs in either.
OF_PICTURES = f"{SANDBOX}; img-src 'self'; style-src 'unsafe-inline'"
OF_PLAYED = "sandbox allow-same-origin; default-src 'none'; media-src 'self'; style-src 'unsafe-inline'"
CACHE_CONTROL = "private, no-cache"
THUMBNAILS = "any('360', '1080')"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class FileServer:
    """``now_ms`` is the database's clock."""

    access: FileAccess
    bodies: FileBodies
    people: People
    rates: Rates
    cookie: SignInCookie
    addresses: FileAddresses
    now_ms: Callable[[], int]

    def find_for_visitor(self, upload_id: str, thumbnail: str | None) -> Served:
        """What there is for whoever asks: both are looked up at once, since a whole room does.

        It comes when it is their turn to be answered. Raises what ``served`` does, and ``Unauthorized``,
        ``TokenExpired`` or ``RateLimited``.
        """
        asked = self.access.ask_for(upload_id)
        guest = self._visitor(upload_id, asked)
        self.bodies.turns.wait()
        return asked.served(guest.user_id, thumbnail)

    def _visitor(self, upload_id: str, ask_users: AskUsers) -> Guest:
        """By an address that was signed for them, or by a token."""
        user_id = self.addresses.person(upload_id, request.args, self.now_ms())
        if user_id is not None:
            self.rates.check_file(user_id)
            return self.people.find(user_id, ask_users)
        token = shown_token(self.cookie)
        if token is None:
            raise Unauthorized
        self.rates.check_file(self.people.user_id_of(token))
        return self.people.verify(token, ask_users)


def make_files(server: FileServer) -> Blueprint:
    files = Blueprint("files_of_people", __name__)

    @files.get("/files/<upload_id>")
    def file(upload_id: str) -> Response:
        return _answer(server, upload_id, None)

    @files.get(f"/files/<upload_id>/<{THUMBNAILS}:thumbnail>")
    def picture(upload_id: str, thumbnail: str) -> Response:
        return _answer(server, upload_id, thumbnail)

    @files.get("/api/files/<upload_id>/address")
    def address(upload_id: str) -> Response:
        guest = visitor_of(server.people, server.rates, server.cookie)
        server.access.find(upload_id, guest.user_id, None)
        signed = server.addresses.sign(upload_id, guest.user_id, server.now_ms())
        path = f"{request.script_root}/files/{upload_id}?{signed.query}"
        return json_answer(FileAddress(address=path, expires_at=signed.expires_at))

    return files


def _answer(server: FileServer, upload_id: str, thumbnail: str | None) -> Response:
    found = server.find_for_visitor(upload_id, thumbnail)
    if request.if_none_match.contains_weak(found.etag):
        return _with_headers(Response(status=304), found)
    try:
        span = _asked(found)
    except NotSatisfiable:
        response = Response(status=416)
        response.headers["Content-Range"] = f"bytes */{found.size}"
        return response
    response = _with_body(server.bodies, found, span or Span(0, found.size))
    if span is not None:
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {span.start}-{span.end - 1}/{found.size}"
    return _with_headers(response, found)


def _asked(found: Served) -> Span | None:
    """What of it; None: all. Of a version that is not this one (there is no other) it is all too."""
    is_other = request.headers.get("If-Range") not in (None, f'"{found.etag}"')
    if request.method != "GET" or is_other:
        return None
    return span_of(request.headers.get("Range"), found.size)


def _with_body(bodies: FileBodies, found: Served, span: Span) -> Response:
    if request.method == "HEAD" or not span.size:
        response = Response()
    else:
        try:
            first = bodies.first(found, span)
        except ObjectMissing:
            # Removed in this moment; or else somebody has taken it out of the store.
            logger.warning("the bytes of a file are not where they were put")
            raise UploadUnknown from None
        response = Response(
            bodies.body(found, span, first, answer_of(request.environ)), direct_passthrough=True
        )
    response.content_length = span.size
    return response


def _with_headers(response: Response, found: Served) -> Response:
    is_inline = found.is_shown or found.is_played
    policy = OF_PICTURES if found.is_shown else OF_PLAYED if found.is_played else SANDBOX
    response.set_etag(found.etag)
    response.headers["Cache-Control"] = CACHE_CONTROL
    response.headers["Accept-Ranges"] = "bytes"
    if response.status_code != 304:
        response.headers["Content-Type"] = found.type
        response.headers["Content-Disposition"] = disposition(
            "inline" if is_inline else "attachment", found.name
        )
        response.headers["Content-Security-Policy"] = policy
    return response
