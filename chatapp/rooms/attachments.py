"""Attachments: a session's small value, kept as JSON text and never looked into.

It is stored with its session, by attendance.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from chatapp.errors import BadRequest, Conflict, TooLong
from chatapp.kernel.durable_object import Turn
from chatapp.rooms.aspect import Aspect, Handlers, Waking
from chatapp.rooms.attendance.aspect import Attendance
from chatapp.rooms.commands import Command, Member

_as_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class Attach(Command, frozen=True, kw_only=True):
    """Change the session's attachment.

    ``value`` is JSON text; ``is_merge`` sets the given keys of an object and keeps the others
    (a key set to null is removed: RFC 7396, one level deep). ``version`` is the one it was
    read at, None to write regardless.
    """

    member: Member
    value: str
    is_merge: bool = False
    version: int | None = None


class Attached(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    version: int
    value: str | None


class Attachments(Aspect):
    answers = (Attached,)

    def __init__(self, waking: Waking, attendance: Attendance) -> None:
        self._attendance = attendance
        self._limit_bytes = waking.rules.attachment_limit_bytes

    def attach(self, command: Attach, _turn: Turn) -> Attached:
        session = self._attendance.session_of(command.member)
        if command.version is not None and command.version != session.attachment_version:
            raise Conflict("The attachment has changed meanwhile.", version=session.attachment_version)
        value = merged(session.attachment, command.value) if command.is_merge else command.value
        self.check_size(value, field="merge" if command.is_merge else "value")

        session.attach(value)
        self._attendance.changed(session)
        return Attached(version=session.attachment_version, value=session.attachment)

    def check_size(self, text: str, *, field: str) -> None:
        if len(text.encode()) > self._limit_bytes:
            raise TooLong(f"An attachment holds at most {self._limit_bytes} bytes.", field=field)

    handles: ClassVar[Handlers] = {Attach: attach}


def merged(current: str | None, patch: str) -> str:
    """RFC 7396, one level deep: given keys are set, null removes one, the others stay."""
    try:
        changes = _as_object(patch)
    except msgspec.DecodeError:
        raise BadRequest("Only an object can be merged.", field="merge") from None
    try:
        value = _as_object(current or "{}")
    except msgspec.DecodeError:  # what is no object has no keys to keep
        value = {}
    value |= changes
    return msgspec.json.encode({k: v for k, v in value.items() if bytes(v) != b"null"}).decode()
