"""Joining: the only command that concerns every aspect. Each says its part of what a newcomer sees."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

import msgspec

from chatapp.kernel.durable_object import Deferred, Turn
from chatapp.rooms.aspect import Aspect, Handlers, Waking
from chatapp.rooms.attachments import Attachments
from chatapp.rooms.attendance.aspect import Attendance
from chatapp.rooms.attendance.people import PersonJoined
from chatapp.rooms.attendance.presence import Presence
from chatapp.rooms.attendance.sessions import Session
from chatapp.rooms.commands import Join
from chatapp.rooms.events import RoomEvent
from chatapp.rooms.messages.aspect import Messages
from chatapp.rooms.reacting import Mine, Reacting
from chatapp.rooms.reading import Reading


class Joined(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The answer to ``Join``: the newcomer's whole view at the end of the batch it joined in.

    ``reason`` is None, or one of ``FRESH_STARTS``. ``arrival`` is the newcomer's own
    ``PersonJoined``, for the plain dialect. ``mine`` are its own reactions on ``events``.
    """

    room_id: str
    stream_id: str
    head: int
    floor: int
    is_recovered: bool
    reason: str | None
    events: Sequence[RoomEvent]
    has_more: bool
    presence: Presence
    read_seq: int
    attachment: str | None
    attachment_version: int
    retention_ms: int
    arrival: PersonJoined
    mine: Mine = msgspec.field(default_factory=dict)


class Joining(Aspect):
    answers = (Joined,)

    def __init__(
        self,
        waking: Waking,
        attendance: Attendance,
        messages: Messages,
        reacting: Reacting,
        reading: Reading,
        attachments: Attachments,
    ) -> None:
        self._room_id = waking.room_id
        self._retention_ms = waking.rules.retention_ms
        self._attendance = attendance
        self._messages = messages
        self._reacting = reacting
        self._reading = reading
        self._attachments = attachments

    def join(self, command: Join, turn: Turn) -> Deferred:
        if command.member.lingers:  # the plain dialect is refused no name
            self._attendance.names.refuse_taken(command.member.user_id, command.member.name)
        if command.attachment is not None:
            self._attachments.check_size(command.attachment, field="attachment")

        session, arrival = self._attendance.arrive(command.member, turn)
        if command.attachment is not None:
            session.attach(command.attachment)
        return Deferred(partial(self._joined, command, session, arrival))

    def _joined(self, command: Join, session: Session, arrival: PersonJoined) -> Joined:
        """Made at the end of the batch: what comes behind it, the newcomer hears itself."""
        messages, user_id = self._messages, command.member.user_id
        missed = messages.missed(command.since, command.limit)
        return Joined(
            room_id=self._room_id,
            stream_id=messages.stream_id,
            head=messages.tail.head,
            floor=messages.tail.floor,
            is_recovered=missed.is_recovered,
            reason=missed.reason,
            events=missed.events,
            has_more=missed.has_more,
            presence=self._attendance.presence(user_id),
            read_seq=self._reading.read_by(user_id),
            attachment=session.attachment,
            attachment_version=session.attachment_version,
            retention_ms=self._retention_ms,
            arrival=arrival,
            mine=self._reacting.mine(user_id, missed.events),
        )

    handles: ClassVar[Handlers] = {Join: join}
