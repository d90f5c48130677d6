"""Rooms over HTTP: ``/api/rooms``. For programs that hold no socket, and for reading without one.

The same requests, answers and limits as on a socket. Reading asks ``chatapp.access`` and wakes nobody;
sending goes to the room's owner and waits until the message is stored.
"""

from __future__ import annotations

from flask import Blueprint

from chatapp.web.changes import add_changes
from chatapp.web.lookups import add_lookups
from chatapp.web.rooms_api import RoomsApi
from chatapp.web.sending import add_sending


def make_rooms(api: RoomsApi) -> Blueprint:
    rooms = Blueprint("rooms", __name__, url_prefix="/api/rooms")
    add_lookups(rooms, api)
    add_sending(rooms, api)
    add_changes(rooms, api)
    return rooms
