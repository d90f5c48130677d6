"""Rooms over HTTP: ``/api/rooms``. For programs that hold no socket, and for reading without one.

The same requests, answers and limits as on a socket. Reading asks ``chatapp.access`` and wakes nobody;
sending goes to the room's owner and waits until the message is stored.
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from chatapp.access import RoomOf
from chatapp.errors import RoomNotFound
from chatapp.identity import Guest
from chatapp.limits import weights
from chatapp.protocol import check_new_room_id
from chatapp.protocol.messages import (
    HistoryRequest,
    MessageRequest,
    message_ack,
    parse_post,
    post_command,
)
from chatapp.protocol.parsing import parse_query
from chatapp.protocol.rest import VisitedRoom
from chatapp.protocol.search import parse_search
from chatapp.rooms.messages.aspect import Posted
from chatapp.web.bodies import json_answer, json_body, room_id_of
from chatapp.web.changes import add_changes
from chatapp.web.rooms_api import RoomsApi, Send, wait_for


def make_rooms(api: RoomsApi) -> Blueprint:
    rooms = Blueprint("rooms", __name__, url_prefix="/api/rooms")
    send, access, rates = api.send, api.access, api.rates
    add_changes(rooms, api)

    @rooms.get("")
    def visited() -> Response:
        guest = api.visitor()
        found = wait_for(lambda done: access.visited(guest.user_id, done=done))
        return json_answer([_visited(room) for room in found])

    @rooms.get("/<path_part>/events")
    def history(path_part: str) -> Response:
        guest = api.visitor()
        asked = parse_query(HistoryRequest, room_id_of(path_part), request.args)
        rates.check_look(user_id=guest.user_id, ip=api.address())
        return json_answer(
            wait_for(
                lambda done: access.page(
                    asked.room,
                    before=asked.before,
                    after=asked.after,
                    around=asked.around,
                    limit=asked.limit,
                    user_id=guest.user_id,
                    done=done,
                )
            )
        )

    @rooms.post("/<path_part>/search")
    def search(path_part: str) -> Response:
        guest = api.visitor()
        asked = parse_search(room_id_of(path_part), json_body())
        rates.check_look(user_id=guest.user_id, ip=api.address())
        rates.check_search(user_id=guest.user_id, ip=api.address())
        return json_answer(
            wait_for(
                lambda done: access.search(
                    asked.room, guest.user_id, asked.query, before=asked.before, limit=asked.limit, done=done
                )
            )
        )

    @rooms.post("/<path_part>/messages")
    def post(path_part: str) -> Response:
        guest = api.visitor()
        room_id = room_id_of(path_part)
        message = parse_post(room_id, request.headers.get("Idempotency-Key"), json_body())
        api.check_uploads(message.uploads)
        files, called = len(message.uploads or ()), len(message.mentions or ())
        api.check_message(guest, room_id, message.client_id, message.content, files=files, called=called)
        try:
            posted = _say(send, guest, message, may_create=False)
        except RoomNotFound:
            check_new_room_id(room_id)
            rates.check_new_room(user_id=guest.user_id, ip=api.address(), weight=weights.of_room(room_id))
            posted = _say(send, guest, message, may_create=True)
        return json_answer(message_ack(posted))

    return rooms


def _say(send: Send, guest: Guest, message: MessageRequest, *, may_create: bool) -> Posted:
    command = post_command(
        room_id=message.room,
        author_id=guest.user_id,
        author_name=guest.name,
        client_id=message.client_id,
        content=message.content,
        reply_to=message.reply_to,
        mentions=message.mentions,
        uploads=message.uploads,
        is_retry=message.retry,
        may_create=may_create,
    )
    posted: Posted = wait_for(lambda done: send(command, done))
    return posted


def _visited(room: RoomOf) -> VisitedRoom:
    return VisitedRoom(
        id=room.room_id, head=room.head, read=room.read_seq, unread=room.unread, mentions=room.mentions
    )
