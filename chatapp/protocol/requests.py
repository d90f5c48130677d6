"""What a Socket.IO client may say: one struct per event.

A request that exists is valid and in normal form. Fields that nobody declared are ignored, `seq`,
`ts` and whoever claims to be the sender among them; fields of features that are not built are
refused with `unsupported`, so that no client believes they worked.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, TypeAlias

import msgspec
from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import force_setattr

from chatapp import limits
from chatapp.errors import BadRequest, Unsupported
from chatapp.protocol.strict_json import check_text, json_text
from chatapp.protocol.words import (
    ClientId,
    Content,
    RoomId,
    checked_client_id,
    checked_content,
    normal_room_id,
)

Seq: TypeAlias = Annotated[int, Meta(ge=0, le=limits.LARGEST_INTEGER, description="A place in the log.")]
NotOffered: TypeAlias = Annotated[Any, Meta(description="Not offered yet: answered `unsupported`.")]
Attachment: TypeAlias = Annotated[
    Any, Meta(description=f"Any JSON, at most {limits.ATTACHMENT_BYTES} bytes encoded.")
]


class Request(msgspec.Struct, frozen=True, kw_only=True):
    event: ClassVar[str]


class RoomRequest(Request, frozen=True, kw_only=True):
    room: RoomId

    def __post_init__(self) -> None:
        normal = normal_room_id(self.room)
        if normal is not self.room:
            force_setattr(self, "room", normal)


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


class LeaveRequest(RoomRequest, frozen=True, kw_only=True):
    """Go, at once and on purpose."""

    event: ClassVar[str] = "leave"


class MessageRequest(RoomRequest, frozen=True, kw_only=True):
    """Say something. The ack comes when it is stored.

    `retry` says that this `client_id` was sent before; it is stored once all the same.
    """

    event: ClassVar[str] = "message"

    client_id: ClientId
    content: Content
    retry: bool = False
    reply_to: NotOffered = None
    uploads: NotOffered = None

    def __post_init__(self) -> None:
        RoomRequest.__post_init__(self)
        checked_client_id(self.client_id)
        if self.reply_to is not None and self.reply_to != []:
            raise Unsupported(field="reply_to")
        if self.uploads is not None and self.uploads != []:
            raise Unsupported(field="uploads")
        checked_content(self.content)


class HistoryRequest(RoomRequest, frozen=True, kw_only=True):
    """A page of the log before, after or around a place; the newest page without any of them."""

    event: ClassVar[str] = "history"

    before: Seq | None = None
    after: Seq | None = None
    around: Seq | None = None
    limit: Annotated[int, Meta(ge=1, le=limits.HISTORY_PAGE)] = limits.JOIN_EVENTS

    def __post_init__(self) -> None:
        RoomRequest.__post_init__(self)
        given = [f for f in ("before", "after", "around") if getattr(self, f) is not None]
        if len(given) > 1:
            raise BadRequest("At most one of before, after and around.", field=given[1])


class LookupRequest(RoomRequest, frozen=True, kw_only=True):
    """Which of my messages arrived? For an outbox that survived a crash."""

    event: ClassVar[str] = "lookup"

    client_ids: Annotated[list[ClientId], Meta(max_length=limits.LOOKUP_IDS)]

    def __post_init__(self) -> None:
        RoomRequest.__post_init__(self)
        for client_id in self.client_ids:
            checked_client_id(client_id, "client_ids")


class PresenceRequest(RoomRequest, frozen=True, kw_only=True):
    """Who is here?"""

    event: ClassVar[str] = "presence"


class TypingRequest(RoomRequest, frozen=True, kw_only=True):
    """I am typing, or no longer. Its ack says nothing, and nobody needs to ask for it."""

    event: ClassVar[str] = "typing"

    on: bool


class ReadRequest(RoomRequest, frozen=True, kw_only=True):
    """I have read up to here. The cursor never goes back."""

    event: ClassVar[str] = "read"

    seq: Seq


class AttachRequest(RoomRequest, frozen=True, kw_only=True):
    """Change the small value that this device keeps in the room.

    `value` replaces it; `merge` sets the given keys and removes those set to null. `version` is
    the one it was read at: a stale one is a `conflict`.
    """

    event: ClassVar[str] = "attach"

    value: Attachment | UnsetType = UNSET
    merge: Annotated[dict[str, Any], Meta(description="Keys to set; null removes.")] | UnsetType = UNSET
    version: Seq | None = None

    def __post_init__(self) -> None:
        RoomRequest.__post_init__(self)
        if (self.value is UNSET) == (self.merge is UNSET):
            raise BadRequest("Exactly one of value and merge.", field="value")
        _ = self.text

    @property
    def text(self) -> str:
        """The JSON text of whichever was given."""
        if self.is_merge:
            return json_text(self.merge, field="merge")
        return json_text(self.value, field="value")

    @property
    def is_merge(self) -> bool:
        return self.merge is not UNSET


class PingRequest(Request, frozen=True, kw_only=True):
    """Am I up to date? `heads` is the last seq known in each room; no room is woken."""

    event: ClassVar[str] = "ping"

    t: Annotated[int | float, Meta(description="Comes back as it was sent.")]
    heads: Annotated[dict[str, Seq], Meta(max_length=limits.ROOMS_PER_CONNECTION)] = {}

    def __post_init__(self) -> None:
        heads = {normal_room_id(room, "heads"): seq for room, seq in self.heads.items()}
        force_setattr(self, "heads", heads)


REQUESTS: dict[str, type[Request]] = {
    request.event: request
    for request in (
        JoinRequest,
        LeaveRequest,
        MessageRequest,
        HistoryRequest,
        LookupRequest,
        PresenceRequest,
        TypingRequest,
        ReadRequest,
        AttachRequest,
        PingRequest,
    )
}
NOT_OFFERED = frozenset({"edit", "delete", "react", "moderate", "room", "search"})
"""Events whose names are taken by features that are not built."""
