"""Changes over HTTP: edit, delete, react, and who has reacted. A reaction is stored at once, and alone."""

from __future__ import annotations

from flask import Blueprint, Response, request

from chatapp.protocol.changing import change_ack, delete_command, edit_command, parse_deletion, parse_patch
from chatapp.protocol.reacting import parse_reaction, parse_reactions, react_ack, reaction_of
from chatapp.rooms.reacting import React, Reacted, as_error
from chatapp.web.bodies import json_answer, json_body, room_id_of
from chatapp.web.rooms_api import RoomsApi, wait_for


def add_changes(rooms: Blueprint, api: RoomsApi) -> None:
    message = "/<path_part>/messages/<int:seq>"

    @rooms.patch(message)
    def edit(path_part: str, seq: int) -> Response:
        guest = api.visitor()
        asked = parse_patch(room_id_of(path_part), seq, request.headers.get("Idempotency-Key"), json_body())
        api.check_uploads(asked.uploads)
        called = len(asked.mentions or ())
        api.check_message(guest, asked.room, asked.client_id, asked.content, called=called)
        return json_answer(change_ack(api.ask(edit_command(asked, guest.user_id))))

    @rooms.delete(message)
    def delete(path_part: str, seq: int) -> Response:
        guest = api.visitor()
        key, message_id = request.headers.get("Idempotency-Key"), request.args.get("id")
        asked = parse_deletion(room_id_of(path_part), seq, key, message_id)
        api.check_message(guest, asked.room, asked.client_id, "")
        return json_answer(change_ack(api.ask(delete_command(asked, guest.user_id))))

    @rooms.put(message + "/reactions/<emoji>")
    def react(path_part: str, seq: int, emoji: str) -> Response:
        return _react(api, path_part, seq, emoji, on=True)

    @rooms.delete(message + "/reactions/<emoji>")
    def take_back(path_part: str, seq: int, emoji: str) -> Response:
        return _react(api, path_part, seq, emoji, on=False)

    @rooms.get(message + "/reactions")
    def reactions(path_part: str, seq: int) -> Response:
        guest = api.visitor()
        asked = parse_reactions(room_id_of(path_part), seq, request.args.get("id"))
        api.rates.check_look(user_id=guest.user_id, ip=api.address())
        target = asked.target.as_id()
        return json_answer(wait_for(lambda done: api.access.reactions(asked.room, target, done=done)))


def _react(api: RoomsApi, path_part: str, seq: int, emoji: str, *, on: bool) -> Response:
    guest = api.visitor()
    asked = parse_reaction(room_id_of(path_part), seq, request.args.get("id"), emoji, on=on)
    api.check_reaction(guest, asked.room, asked.emoji)
    reaction = reaction_of(asked, guest.user_id, guest.name)
    reacted: Reacted = api.ask(React(room_id=asked.room, changes=(reaction,)))
    (outcome,) = reacted.outcomes
    if outcome.refusal is not None:
        raise as_error(outcome.refusal)
    return json_answer(react_ack(outcome.seq))
