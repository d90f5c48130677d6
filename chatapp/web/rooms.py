"""Rooms over HTTP: ``/api/rooms``. For programs that hold no socket, and for reading without one.

The same requests, answers and limits as on a socket. Reading asks ``chatapp.access`` and wakes nobody;
sending goes to the room's owner and waits until the message is stored.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request

from chatapp.access import Access, RoomOf
from chatapp.errors import OwnerUnavailable, RoomNotFound
from chatapp.identity import Guest, People, Proxies, SignInCookie
from chatapp.kernel.ports import Reply
from chatapp.limits import weights
from chatapp.limits.rates import Rates
from chatapp.protocol import check_new_room_id
from chatapp.protocol.messages import HistoryRequest, MessageRequest, message_ack, parse_post
from chatapp.protocol.parsing import parse_query
from chatapp.protocol.rest import VisitedRoom
from chatapp.protocol.search import parse_search
from chatapp.rooms.commands import Command
from chatapp.rooms.messages.aspect import Posted, PostMessage
from chatapp.runtime import Promise
from chatapp.web.bodies import json_answer, json_body, room_id_of
from chatapp.web.credentials import visitor_of

ANSWER_SECONDS = 6.0  # nginx takes a node for frozen after eight

Send = Callable[[Command, Reply], None]
"""Hands a command to its room; the reply comes later, at most once."""


def make_rooms(
    *,
    people: People,
    send: Send,
    access: Access,
    rates: Rates,
    proxies: Proxies,
    cookie: SignInCookie,
) -> Blueprint:
    rooms = Blueprint("rooms", __name__, url_prefix="/api/rooms")

    def visitor() -> Guest:
        return visitor_of(people, rates, cookie)

    def address() -> str:
        return proxies.address_of(request.environ)

    def check_message(guest: Guest, message: MessageRequest) -> None:
        """Nobody is in a room over HTTP: what they say there has a rate of its own."""
        weight = weights.of_message(
            room_id=message.room,
            user_id=guest.user_id,
            name=guest.name,
            client_id=message.client_id,
            content=message.content,
        )
        rates.check_message(
            user_id=guest.user_id, ip=address(), room_id=message.room, weight=weight, is_inside=False
        )

    @rooms.get("")
    def visited() -> Response:
        guest = visitor()
        found = _wait_for(lambda done: access.visited(guest.user_id, done=done))
        return json_answer([_visited(room) for room in found])

    @rooms.get("/<path_part>/events")
    def history(path_part: str) -> Response:
        guest = visitor()
        asked = parse_query(HistoryRequest, room_id_of(path_part), request.args)
        rates.check_look(user_id=guest.user_id, ip=address())
        return json_answer(
            _wait_for(
                lambda done: access.page(
                    asked.room,
                    before=asked.before,
                    after=asked.after,
                    around=asked.around,
                    limit=asked.limit,
                    done=done,
                )
            )
        )

    @rooms.post("/<path_part>/search")
    def search(path_part: str) -> Response:
        guest = visitor()
        asked = parse_search(room_id_of(path_part), json_body())
        rates.check_look(user_id=guest.user_id, ip=address())
        rates.check_search(user_id=guest.user_id, ip=address())
        return json_answer(
            _wait_for(
                lambda done: access.search(
                    asked.room, guest.user_id, asked.query, before=asked.before, limit=asked.limit, done=done
                )
            )
        )

    @rooms.post("/<path_part>/messages")
    def post(path_part: str) -> Response:
        guest = visitor()
        room_id = room_id_of(path_part)
        message = parse_post(room_id, request.headers.get("Idempotency-Key"), json_body())
        check_message(guest, message)
        try:
            posted = _say(send, guest, message, may_create=False)
        except RoomNotFound:
            check_new_room_id(room_id)
            rates.check_new_room(user_id=guest.user_id, ip=address(), weight=weights.of_room(room_id))
            posted = _say(send, guest, message, may_create=True)
        return json_answer(message_ack(posted))

    return rooms


def _say(send: Send, guest: Guest, message: MessageRequest, *, may_create: bool) -> Posted:
    command = PostMessage(
        room_id=message.room,
        author_id=guest.user_id,
        author_name=guest.name,
        client_id=message.client_id,
        content=message.content,
        is_retry=message.retry,
        may_create=may_create,
    )
    posted: Posted = _wait_for(lambda done: send(command, done))
    return posted


def _wait_for(ask: Callable[[Callable[[Any], None]], None]) -> Any:
    """Block the greenlet until the answer is there; a refusal is raised."""
    promise: Promise[Any] = Promise()
    ask(promise.resolve)
    try:
        return promise.wait(ANSWER_SECONDS)
    except TimeoutError:
        raise OwnerUnavailable from None


def _visited(room: RoomOf) -> VisitedRoom:
    return VisitedRoom(id=room.room_id, head=room.head, read=room.read_seq, unread=room.unread)
