"""The rooms of one client: opened on every connection, and asked now and then whether they are up to date."""

from __future__ import annotations

import time
from functools import partial

from chatapp.client.connection import Connection
from chatapp.client.room import EVENTS, ClientRoom
from chatapp.client.turns import NamedTimers, Turns
from chatapp.client.wire import Json

_HEARTBEAT_MS = 25_000


class JoinedRooms:
    """Call it inside a turn."""

    def __init__(self, connection: Connection, turns: Turns) -> None:
        self._connection = connection
        self._timers = NamedTimers(turns)
        self._rooms: dict[str, ClientRoom] = {}
        connection.on("online", lambda _hello: self._open())
        connection.on("lost", lambda _: self._closed())
        for event in EVENTS:
            connection.on(event, partial(self._hear, event))

    def add(self, room: ClientRoom) -> None:
        self._rooms[room.id] = room

    def take_out(self, room_id: str) -> ClientRoom:
        return self._rooms.pop(room_id)

    def find(self, room_id: str) -> ClientRoom | None:
        return self._rooms.get(room_id)

    def __getitem__(self, room_id: str) -> ClientRoom:
        return self._rooms[room_id]

    @property
    def first_id(self) -> str | None:
        return next(iter(self._rooms), None)

    def flush(self) -> None:
        for room in self._rooms.values():
            room.flush()

    def check(self) -> None:
        """Are they up to date? A socket that does not answer is worse than none."""
        self._timers.start("heartbeat", _HEARTBEAT_MS, self.check)
        joined = [room for room in self._rooms.values() if room.status == "joined"]
        heads = {room.id: room.log.last for room in joined}
        self._connection.request("ping", {"t": int(time.time() * 1000), "heads": heads}, self._checked)

    def _checked(self, ack: Json) -> None:
        if not ack["ok"]:
            if ack["error"]["code"] == "no_answer":
                self._connection.drop()
            return
        for room_id, head in ack.get("behind", {}).items():
            if room := self._rooms.get(room_id):
                room.behind(head)
        for room in self._rooms.values():
            room.expire(ack["server_time"])

    def _open(self) -> None:
        self._timers.start("heartbeat", _HEARTBEAT_MS, self.check)
        for room in self._rooms.values():
            room.open()

    def _closed(self) -> None:
        self._timers.cancel_all()
        for room in self._rooms.values():
            room.closed()

    def _hear(self, name: str, value: Json) -> None:
        if room := self._rooms.get(value["room"]):
            room.hear(name, value)
