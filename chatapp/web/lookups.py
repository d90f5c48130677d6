"""Look-ups over HTTP: the rooms one was in, what is in a room, and a search through it."""

from __future__ import annotations

from flask import Blueprint, Response, request

from chatapp.access import RoomOf
from chatapp.protocol.messages import HistoryRequest
from chatapp.protocol.parsing import parse_query
from chatapp.protocol.rest import VisitedRoom
from chatapp.protocol.search import parse_search
from chatapp.web.bodies import json_answer, json_body, room_id_of
from chatapp.web.rooms_api import RoomsApi, wait_for


def add_lookups(rooms: Blueprint, api: RoomsApi) -> None:
    access, rates = api.access, api.rates

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


def _visited(room: RoomOf) -> VisitedRoom:
    return VisitedRoom(
        id=room.room_id, head=room.head, read=room.read_seq, unread=room.unread, mentions=room.mentions
    )
