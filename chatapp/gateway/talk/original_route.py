"""The HTTP side of the original's endpoint: who may turn this request into a session."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from math import ceil

from flask import Blueprint, Response, request

from chatapp.errors import BadRequest, ChatError, Draining, Forbidden, RoomNotFound, Unauthorized
from chatapp.gateway.talk.original import OriginalDialect
from chatapp.gateway.wire import handshake
from chatapp.gateway.wire.memory_bound import RETRY_AFTER_SECONDS
from chatapp.identity import People, Proxies, is_origin_allowed
from chatapp.kernel.router import Router
from chatapp.protocol import checked_user_id, normal_name, normal_room_id


def make_original_route(endpoint: OriginalEndpoint) -> Blueprint:
    blueprint = Blueprint("original", __name__)

    # Werkzeug keeps apart what asks for a WebSocket and what does not; here both are answered alike.
    @blueprint.get("/api/chat/")
    @blueprint.get("/api/chat/", websocket=True)
    @blueprint.get("/api/chat/<path:room_id>")
    @blueprint.get("/api/chat/<path:room_id>", websocket=True)
    def answer(room_id: str = "") -> Response:
        return endpoint.answer(room_id)

    return blueprint


@dataclass(frozen=True, kw_only=True)
class OriginalEndpoint:
    """``is_signed_in_user`` says whether a user id belongs to somebody who signed in by token, ``is_full``
    whether this node has no room for anybody new. ``on_refused`` is told the code of each refusal.
    """

    dialect: OriginalDialect
    people: People
    is_signed_in_user: Callable[[str], bool]
    proxies: Proxies
    router: Router
    is_full: Callable[[], bool]
    allowed_origins: Collection[str]
    on_refused: Callable[[str], object]

    def answer(self, room_id: str) -> Response:
        """Blocks its greenlet for as long as the connection lasts, unless it is refused."""
        try:
            return self._admit(room_id)
        except ChatError as error:
            self.on_refused(error.code)
            return _refused(error)

    def _admit(self, room_id: str) -> Response:
        user_id, name = _who()
        room = _room(room_id)
        refused = handshake.refusal(request.environ)
        if refused is not None:
            return Response(refused.body, refused.status, refused.headers)
        _check_origin(self.allowed_origins)
        if self.is_signed_in_user(user_id):
            _check_token(self.people, user_id)
        if self.router.is_draining:
            raise Draining
        if self.is_full():
            return _no_room()
        address = self.proxies.address_of(request.environ)
        self.dialect.serve(request.environ, room_id=room, user_id=user_id, name=name, address=address)
        return Response()  # of which nothing is sent: the connection was taken over


def _no_room() -> Response:
    return Response(
        "This server has no room for another connection.",
        503,
        {"Retry-After": str(RETRY_AFTER_SECONDS)},
        content_type="text/plain; charset=utf-8",
    )


def _refused(error: ChatError) -> Response:
    response = Response(error.message, error.http_status, content_type="text/plain; charset=utf-8")
    if error.retry_after_ms is not None:
        response.headers["Retry-After"] = str(ceil(error.retry_after_ms / 1000))
    return response


def _who() -> tuple[str, str]:
    user_id, name = request.args.get("userId", ""), request.args.get("username", "")
    if not user_id or not name:
        raise BadRequest("Missing userId or username")
    return checked_user_id(user_id), normal_name(name)


def _room(room_id: str) -> str:
    try:
        return normal_room_id(room_id)
    except ChatError:
        raise RoomNotFound from None


def _check_origin(allowed_origins: Collection[str]) -> None:
    origin = request.headers.get("Origin")
    if origin is not None and not is_origin_allowed(origin, request.host, allowed_origins):
        raise Forbidden


def _check_token(people: People, user_id: str) -> None:
    try:
        is_theirs = people.verify(request.args.get("token", "")).user_id == user_id
    except Unauthorized:
        is_theirs = False
    if not is_theirs:
        raise Forbidden("This userId belongs to somebody who is signed in; show their token.")
