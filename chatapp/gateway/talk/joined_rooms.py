"""Joined rooms: a connection's coming to rooms and going from them, whatever happens in between.

``connection.rooms`` says where a connection is, or is about to be. It is entered there before
the room is asked, so that one that is lost meanwhile leaves after it has joined; and a departure is
said again until the room has heard it, because nobody else could end the session of one that is gone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from chatapp.errors import (
    ChatError,
    NotJoined,
    OwnerUnavailable,
    RoomBusy,
    RoomNotFound,
    StorageFull,
    StorageUnavailable,
)
from chatapp.gateway.delivery.audience import Audience
from chatapp.gateway.delivery.connections import Connection, Connections
from chatapp.kernel.ports import Scheduler
from chatapp.kernel.router import Router
from chatapp.limits import weights
from chatapp.limits.rates import Rates
from chatapp.protocol import check_new_room_id
from chatapp.rooms.attendance.aspect import Disconnect, Leave, SignOut
from chatapp.rooms.commands import Command, Join, Member
from chatapp.rooms.joining import Joined

DEPART_AGAIN_SECONDS = 1.0
_NOT_NOW = RoomBusy | OwnerUnavailable | StorageUnavailable | StorageFull

Answer = Callable[[Any], None]
"""Takes an answer, or the ``ChatError`` that refuses; may be called at any time, once."""


class JoinedRooms:
    def __init__(
        self,
        *,
        router: Router,
        audience: Audience,
        connections: Connections,
        rates: Rates,
        scheduler: Scheduler,
    ) -> None:
        self._router = router
        self._connections = connections
        self._audience = audience
        self._rates = rates
        self._scheduler = scheduler
        self.before_departure: Callable[[str], object] = lambda room_id: None
        """Is told of a room before somebody's departure from there is."""

    def join(self, connection: Connection, join: Join, answer: Answer) -> None:
        """Join, creating the room if it is new and the person has not made too many already."""
        before = connection.rooms.get(join.room_id)
        # Entered before it is asked: a connection lost meanwhile must leave after it has joined.
        connection.rooms[join.room_id] = join.member
        pending_join = self._audience.expect(join.room_id, connection.id)

        def answered(result: Any) -> None:
            is_wanted = join.room_id in connection.rooms  # neither left nor lost meanwhile
            if isinstance(result, RoomNotFound) and not join.may_create and is_wanted:
                self._create(connection, join, answered)
                return
            if isinstance(result, Joined) and is_wanted:
                self._audience.let_in(
                    pending_join, join.room_id, join.member, result.head, result.presence.version
                )
            is_latest = connection.rooms.get(join.room_id) is join.member  # or else a later join decides
            if isinstance(result, ChatError) and before is None and is_latest:
                del connection.rooms[join.room_id]
            try:
                answer(result)
            finally:
                self._audience.join_answered(pending_join, join.room_id)

        self._router.send(join, answered)

    def check_join(self, connection: Connection, room_id: str, attachment: str | None = None) -> None:
        """Raises ``RateLimited``. Asked before ``join``, in either dialect."""
        weight = weights.of_session(
            room_id=room_id,
            user_id=connection.user_id,
            name=connection.name,
            device=connection.device,
            attachment=attachment,
        )
        self._rates.check_join(user_id=connection.user_id, ip=connection.address, weight=weight)

    def _create(self, connection: Connection, join: Join, answered: Answer) -> None:
        try:
            check_new_room_id(join.room_id)
            self._rates.check_new_room(
                user_id=connection.user_id, ip=connection.address, weight=weights.of_room(join.room_id)
            )
        except ChatError as refusal:
            answered(refusal)
            return
        self._router.send(
            Join(
                room_id=join.room_id,
                member=join.member,
                since=join.since,
                limit=join.limit,
                attachment=join.attachment,
            ),
            answered,
        )

    def leave(self, connection: Connection, room_id: str, answer: Answer) -> None:
        """Leave at once. Whoever is not there has left already."""
        member = connection.rooms.pop(room_id, None)
        if member is None:
            answer(None)
            return
        command = Leave(room_id=room_id, member=member)
        self.before_departure(room_id)

        def answered(result: Any) -> None:
            if not isinstance(result, ChatError) or isinstance(result, RoomNotFound):
                self._audience.leave(room_id, member)  # the room has, if it is awake here
                answer(None)
                return
            if connection.is_open:
                connection.rooms.setdefault(room_id, member)  # still in: it may ask again
            else:
                self._depart(command)
            answer(result)

        self._router.send(command, answered)

    def leave_all(self, connection: Connection, *, on_purpose: bool) -> None:
        """The connection has ended; its person may linger, unless it was on purpose."""
        connection.is_open = False
        for room_id, member in connection.rooms.items():
            self.before_departure(room_id)
            command = Leave if on_purpose else Disconnect
            self._depart(command(room_id=room_id, member=member))
        connection.rooms = {}

    def sign_out(self, room_id: str, user_id: str) -> None:
        """End whatever session this person still has in the room. May be said again, and is."""
        self._router.send(SignOut(room_id=room_id, user_id=user_id))

    def _depart(self, command: Leave | Disconnect) -> None:
        """Said again until the room has heard it: nobody else could end the session of one that is gone."""
        self._audience.leave(command.room_id, command.member)

        def answered(result: object) -> None:
            if isinstance(result, _NOT_NOW):
                self._scheduler.call_later(DEPART_AGAIN_SECONDS, self._depart, command)

        self._router.send(command, answered)

    def say(self, connection: Connection, command: Command, answer: Answer) -> None:
        """Say something to a room. What comes right behind the join that makes the room stays behind it."""

        def answered(result: Any) -> None:
            if isinstance(result, RoomNotFound) and command.room_id in connection.rooms:
                self._router.send(command, answer)
            else:
                answer(result)

        self._router.send(command, answered)

    def rename_node(self, node_id: str) -> None:
        """This node has another name; everybody stays where they are."""
        for connection in self._connections:
            for room_id, member in connection.rooms.items():
                renamed = msgspec.structs.replace(member, node_id=node_id)
                connection.rooms[room_id] = renamed
                self._audience.replace(room_id, renamed)

    def member(self, connection: Connection, room_id: str) -> Member:
        """The member that joined. Raises ``NotJoined`` where none has, and no room hears of it: neither
        the answer nor its time tells a stranger whether there is such a room.
        """
        member = connection.rooms.get(room_id)
        if member is None:
            raise NotJoined
        return member

    def head(self, room_id: str) -> int:
        """The newest event this node has sent to the room's audience."""
        return self._audience.head(room_id)
