"""On the wire: entering a room, and all that a newcomer is told of it."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from chatapp import limits
from chatapp.protocol.aspect import Words
from chatapp.protocol.attachments import Attachment, AttachmentView, raw
from chatapp.protocol.attendance import PresenceView, presence_ack
from chatapp.protocol.forms import Ack, RoomRequest, Seq
from chatapp.protocol.messages import LogEvent, Mine, log_event, mine
from chatapp.protocol.strict_json import check_text, json_text
from chatapp.rooms.joining import Joined


class RoomView(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    title: str
    topic: str
    retention_ms: int


class JoinAck(Ack, frozen=True, kw_only=True):
    """All that a newcomer needs, as of one moment.

    `recovered`: `events` are exactly those after `since`, and `more` says that `history` has the
    rest. Not recovered: `events` is the newest page, and `reason`, when a cursor was given, says
    why it could not be continued. `mine` are one's own reactions on these rows, absent where there are none.
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
    mine: Mine | UnsetType = UNSET


class Since(msgspec.Struct, frozen=True, kw_only=True):
    """The resume cursor: the last event the client has without a hole before it."""

    stream: Annotated[str, Meta(min_length=1, max_length=limits.STREAM_ID_LENGTH)]
    seq: Seq

    def __post_init__(self) -> None:
        check_text(self.stream, "since.stream")


class JoinRequest(RoomRequest, frozen=True, kw_only=True):
    """Enter a room, or come back to it; the only way to receive.

    With `since`, exactly what was missed comes back, or `reason` says why it cannot. An
    `attachment` replaces the one that is kept; without, or with null, it stays.
    """

    event: ClassVar[str] = "join"
    ack: ClassVar[type[Ack]] = JoinAck

    since: Since | None = None
    limit: (
        Annotated[
            int,
            Meta(
                ge=0,
                le=limits.HISTORY_PAGE,
                description="Events to bring, 0 for none; without it, the server's choice.",
            ),
        ]
        | UnsetType
    ) = UNSET
    attachment: Attachment = None

    def __post_init__(self) -> None:
        RoomRequest.__post_init__(self)
        _ = self.attachment_text  # refuses what cannot be kept

    @property
    def attachment_text(self) -> str | None:
        return None if self.attachment is None else json_text(self.attachment, field="attachment")


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
        attachment=AttachmentView(version=joined.attachment_version, value=raw(joined.attachment)),
        mine=mine(joined.mine),
    )


WORDS = Words(requests=(JoinRequest,))
