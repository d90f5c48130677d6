"""Sending over HTTP: a message, which is stored when the answer comes."""

from __future__ import annotations

from flask import Blueprint, Response, request

from chatapp.errors import RoomNotFound
from chatapp.identity import Guest
from chatapp.limits import weights
from chatapp.protocol import check_new_room_id
from chatapp.protocol.messages import MessageRequest, message_ack, parse_post, post_command
from chatapp.rooms.messages.aspect import Posted
from chatapp.web.bodies import json_answer, json_body, room_id_of
from chatapp.web.rooms_api import RoomsApi


def add_sending(rooms: Blueprint, api: RoomsApi) -> None:
    @rooms.post("/<path_part>/messages")
    def post(path_part: str) -> Response:
        guest = api.visitor()
        room_id = room_id_of(path_part)
        message = parse_post(room_id, request.headers.get("Idempotency-Key"), json_body())
        api.check_uploads(message.uploads)
        files, called = len(message.uploads or ()), len(message.mentions or ())
        api.check_message(guest, room_id, message.client_id, message.content, files=files, called=called)
        try:
            posted = _say(api, guest, message, may_create=False)
        except RoomNotFound:
            check_new_room_id(room_id)
            weight = weights.of_room(room_id)
            api.rates.check_new_room(user_id=guest.user_id, ip=api.address(), weight=weight)
            posted = _say(api, guest, message, may_create=True)
        return json_answer(message_ack(posted))


def _say(api: RoomsApi, guest: Guest, message: MessageRequest, *, may_create: bool) -> Posted:
    posted: Posted = api.ask(
        post_command(
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
    )
    return posted
