"""What the server answers: one ack for each request, and the refusal.

An answer of a room becomes the ack that a client sees. Every ack is one object with `ok`; the
same objects answer over HTTP.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType

from chatapp import errors
from chatapp.errors import ChatError
from chatapp.limits.table import Scope
from chatapp.protocol.requests import (
    AttachRequest,
    HistoryRequest,
    JoinRequest,
    LeaveRequest,
    LookupRequest,
    MessageRequest,
    PingRequest,
    PresenceRequest,
    ReadRequest,
    Request,
    TypingRequest,
)
from chatapp.protocol.signals import LogEvent, PresentUser, Version, log_event, present_user
from chatapp.rooms.attachments import Attached
from chatapp.rooms.attendance.presence import Presence
from chatapp.rooms.events import RoomEvent
from chatapp.rooms.joining import Joined
from chatapp.rooms.messages.aspect import Posted
from chatapp.rooms.messages.recent_ids import Known
from chatapp.rooms.reading import ReadAt

Ms: TypeAlias = Annotated[int, Meta(description="Milliseconds since 1970 by the server's clock.")]


class Ack(msgspec.Struct, frozen=True, kw_only=True):
    ok: Literal[True] = True


class LeaveAck(Ack, frozen=True, kw_only=True):
    pass


class TypingAck(Ack, frozen=True, kw_only=True):
    """Heard; what became of it shows in the signal `typing`."""


class RoomView(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    title: str
    topic: str
    retention_ms: int


class AttachmentView(msgspec.Struct, frozen=True, kw_only=True):
    """A device's attachment; `value` is null and `version` 0 when there is none."""

    version: int
    value: Raw


class PresenceView(msgspec.Struct, frozen=True, kw_only=True):
    """Who is here. `v` is `[epoch, n]`, compared in order; `count` may be more than `users`.

    Above 200 people only those who have signed in are named, and nobody if they are more than 200.
    """

    v: Version
    users: list[PresentUser]
    count: int


class JoinAck(Ack, frozen=True, kw_only=True):
    """All that a newcomer needs, as of one moment.

    `recovered`: `events` are exactly those after `since`, and `more` says that `history` has the
    rest. Not recovered: `events` is the newest page, and `reason`, when a cursor was given, says
    why it could not be continued.
    """

    room: RoomView
    role: str
    stream: str
    head: int
    floor: int
    recovered: bool
    reason: Literal["truncated", "stream_changed", "ahead", "too_far"] | UnsetType = UNSET
    events: list[LogEvent]
    more: bool
    presence: PresenceView
    read: int
    attachment: AttachmentView


class MessageAck(Ack, frozen=True, kw_only=True):
    """Stored. `duplicate`: it was stored before, under this `seq`."""

    seq: int
    id: str
    ts: Ms
    duplicate: bool


class HistoryAck(Ack, frozen=True, kw_only=True):
    """A page of the log `stream`, oldest first.

    `from` to `to` is the range it covers, both null when there is nothing.
    """

    events: list[LogEvent]
    from_: int | None = msgspec.field(name="from")
    to: int | None
    stream: str
    head: int
    floor: int
    more_before: bool
    more_after: bool


class FoundMessage(msgspec.Struct, frozen=True, kw_only=True):
    seq: int
    ts: Ms


class LookupAck(Ack, frozen=True, kw_only=True):
    found: dict[str, FoundMessage]
    unknown: list[str]


class PresenceAck(Ack, frozen=True, kw_only=True):
    v: Version
    users: list[PresentUser]
    count: int


class ReadAck(Ack, frozen=True, kw_only=True):
    seq: int


class AttachAck(Ack, frozen=True, kw_only=True):
    version: int
    value: Raw


class PingAck(Ack, frozen=True, kw_only=True):
    """`behind` names the rooms that have more than `heads` said, with their head."""

    t: int | float
    server_time: Ms
    behind: dict[str, int] | UnsetType = UNSET


ACKS: dict[type[Request], type[Ack]] = {
    JoinRequest: JoinAck,
    LeaveRequest: LeaveAck,
    MessageRequest: MessageAck,
    HistoryRequest: HistoryAck,
    LookupRequest: LookupAck,
    PresenceRequest: PresenceAck,
    TypingRequest: TypingAck,
    ReadRequest: ReadAck,
    AttachRequest: AttachAck,
    PingRequest: PingAck,
}


REFUSALS: tuple[type[ChatError], ...] = tuple(
    sorted(
        {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ChatError)}
        - {ChatError},
        key=lambda kind: kind.code,
    )
)
CODES = [kind.code for kind in REFUSALS]


class ErrorBody(msgspec.Struct, frozen=True, kw_only=True):
    """Why not. Only what is `retryable` may be repeated by a machine.

    `ref` finds the refusal in the server's log; `suggestion` is a free name, `wrote_at` when somebody who is
    not here wrote last under the name that was asked for, `version` the attachment's present one, `scope` who
    is over the limit, until `retry_after_ms` have passed.
    """

    code: Annotated[str, Meta(extra_json_schema={"enum": CODES})]
    message: str
    retryable: bool
    retry_after_ms: int | UnsetType = UNSET
    scope: Scope | UnsetType = UNSET
    field: str | UnsetType = UNSET
    suggestion: str | UnsetType = UNSET
    wrote_at: Ms | UnsetType = UNSET
    version: int | UnsetType = UNSET
    ref: str


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    ok: Literal[False] = False
    error: ErrorBody


def refusal(error: ChatError, ref: str) -> Refused:
    """The answer to a refused request; `ref` is a `new_ref()` that also went to the log."""
    return Refused(
        error=ErrorBody(
            code=error.code,
            message=error.message,
            retryable=error.retryable,
            retry_after_ms=UNSET if error.retry_after_ms is None else error.retry_after_ms,
            scope=error.extra.get("scope", UNSET),
            field=error.field or UNSET,
            suggestion=error.extra.get("suggestion", UNSET),
            wrote_at=error.extra.get("wrote_at", UNSET),
            version=error.extra.get("version", UNSET),
            ref=ref,
        )
    )


def connect_refusal(error: ChatError) -> dict[str, Any]:
    """The `data` of a `connect_error`."""
    refused: dict[str, Any] = {"code": error.code, "message": error.message, "retryable": error.retryable}
    if error.retry_after_ms is not None:
        refused["retry_after_ms"] = error.retry_after_ms
    if "scope" in error.extra:
        refused["scope"] = error.extra["scope"]
    return refused


def new_ref() -> str:
    return secrets.token_hex(4)


def join_ack(joined: Joined) -> JoinAck:
    presence = presence_ack(joined.presence)
    return JoinAck(
        room=RoomView(id=joined.room_id, title=joined.room_id, topic="", retention_ms=joined.retention_ms),
        role="member",
        stream=joined.stream_id,
        head=joined.head,
        floor=joined.floor,
        recovered=joined.is_recovered,
        reason=joined.reason or UNSET,  # type: ignore[arg-type]  # the room's words are the wire's
        events=[log_event(event) for event in joined.events],
        more=joined.has_more,
        presence=PresenceView(v=presence.v, users=presence.users, count=presence.count),
        read=joined.read_seq,
        attachment=AttachmentView(version=joined.attachment_version, value=_raw(joined.attachment)),
    )


def message_ack(posted: Posted) -> MessageAck:
    return MessageAck(seq=posted.seq, id=posted.id, ts=posted.ts, duplicate=posted.is_duplicate)


def history_ack(
    page: Sequence[RoomEvent],
    *,
    covers: tuple[int, int] | None,
    stream_id: str,
    head: int,
    floor: int,
    more_before: bool,
    more_after: bool,
) -> HistoryAck:
    """`covers` is the first and last seq that the page accounts for, None when there is nothing."""
    return HistoryAck(
        events=[log_event(event) for event in page],
        from_=covers[0] if covers else None,
        to=covers[1] if covers else None,
        stream=stream_id,
        head=head,
        floor=floor,
        more_before=more_before,
        more_after=more_after,
    )


def lookup_ack(client_ids: Sequence[str], known: Mapping[str, Known]) -> LookupAck:
    return LookupAck(
        found={cid: FoundMessage(seq=known[cid].seq, ts=known[cid].ts) for cid in client_ids if cid in known},
        unknown=[cid for cid in client_ids if cid not in known],
    )


def presence_ack(presence: Presence) -> PresenceAck:
    return PresenceAck(
        v=presence.version,
        users=[present_user(person) for person in presence.people or ()],
        count=presence.count,
    )


def attach_ack(attached: Attached) -> AttachAck:
    return AttachAck(version=attached.version, value=_raw(attached.value))


def read_ack(read: ReadAt) -> ReadAck:
    return ReadAck(seq=read.seq)


def _raw(text: str | None) -> Raw:
    return Raw("null" if text is None else text)
