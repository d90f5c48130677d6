"""On the wire: what is said, and the log that it is said into; also over HTTP, without a socket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, TypeAlias

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType

from chatapp import limits
from chatapp.errors import BadRequest
from chatapp.protocol.aspect import Named, Route, Words
from chatapp.protocol.forms import Ack, Ms, RoomRequest, Seq, Target, User
from chatapp.protocol.mentions import FEATURE as MENTIONS
from chatapp.protocol.mentions import Mention, Mentions, as_called, check_mentions
from chatapp.protocol.parsing import parse_as
from chatapp.protocol.words import (
    ClientId,
    MessageText,
    UploadIds,
    checked_client_id,
    checked_text,
    checked_upload_ids,
    given_key,
)
from chatapp.rooms.events import RoomEvent
from chatapp.rooms.messages.aspect import Posted, PostFiles, PostMentioning, PostMessage, PostReply
from chatapp.rooms.messages.recent_ids import Known

Mine: TypeAlias = Annotated[
    dict[str, list[str]], Meta(description="One's own reactions: emoji by the seq of their message.")
]


class LogEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One event of a room's log. `seq` has no holes, `ts` (ms) never falls along it.

    `rev` is the seq of the last change that touched it; without, there was none. Of what no client knows,
    it counts the `seq` and shows nothing.
    """

    room: str
    seq: int
    type: Annotated[
        str, Meta(description="`message`, `edit`, `delete`, `react`; later `room`, `moderation`: count them.")
    ]
    id: str
    ts: int
    user: User
    client_id: Annotated[str, Meta(description="The sender's id of it, unique together with the user.")]
    rev: int | UnsetType = UNSET
    body: Annotated[Raw, Meta(description="By type; one of an unknown type may be anything.")]


class MessageAck(Ack, frozen=True, kw_only=True):
    """Stored. `duplicate`: it was stored before, under this `seq`."""

    seq: int
    id: str
    ts: Ms
    duplicate: bool


class MessageRequest(RoomRequest, frozen=True, kw_only=True):
    """Say something. The ack comes when it is stored.

    `retry` says that this `client_id` was sent before; it is stored once all the same. `reply_to` is the
    message that it answers, `uploads` are files that one has uploaded to the room and not yet sent.
    """

    event: ClassVar[str] = "message"
    ack: ClassVar[type[Ack]] = MessageAck

    client_id: ClientId
    content: MessageText
    retry: bool = False
    reply_to: Target | None = None
    mentions: Mentions | None = None
    uploads: UploadIds | None = None

    def __post_init__(self) -> None:
        RoomRequest.__post_init__(self)
        checked_client_id(self.client_id)
        check_mentions(self.mentions)
        if self.uploads:
            checked_upload_ids(self.uploads)
        checked_text(self.content, may_have_files=bool(self.uploads))


class HistoryAck(Ack, frozen=True, kw_only=True):
    """A page of the log `stream`, oldest first.

    `from` to `to` is the range it covers, both null when there is nothing. With `before` and `around` it may
    be wider than its events: changes are not brought, as every row is told as it is now. `mine` are one's own
    reactions on these rows, by `seq`; absent where there are none.
    """

    events: list[LogEvent]
    from_: int | None = msgspec.field(name="from")
    to: int | None
    stream: str
    head: int
    floor: int
    more_before: bool
    more_after: bool
    mine: Mine | UnsetType = UNSET


class HistoryRequest(RoomRequest, frozen=True, kw_only=True):
    """A page of the log before, after or around a place; the newest page without any of them."""

    event: ClassVar[str] = "history"
    ack: ClassVar[type[Ack]] = HistoryAck

    before: Seq | None = None
    after: Seq | None = None
    around: Seq | None = None
    limit: Annotated[int, Meta(ge=1, le=limits.HISTORY_PAGE)] = limits.JOIN_EVENTS

    def __post_init__(self) -> None:
        RoomRequest.__post_init__(self)
        given = [f for f in ("before", "after", "around") if getattr(self, f) is not None]
        if len(given) > 1:
            raise BadRequest("At most one of before, after and around.", field=given[1])


class FoundMessage(msgspec.Struct, frozen=True, kw_only=True):
    """With its `id`, a change that waited for its place has a target."""

    seq: int
    id: str
    ts: Ms


class LookupAck(Ack, frozen=True, kw_only=True):
    found: dict[str, FoundMessage]
    unknown: list[str]


class LookupRequest(RoomRequest, frozen=True, kw_only=True):
    """Which of my messages arrived? For an outbox that survived a crash."""

    event: ClassVar[str] = "lookup"
    ack: ClassVar[type[Ack]] = LookupAck

    client_ids: Annotated[list[ClientId], Meta(max_length=limits.LOOKUP_IDS)]

    def __post_init__(self) -> None:
        RoomRequest.__post_init__(self)
        for client_id in self.client_ids:
            checked_client_id(client_id, "client_ids")


class PostBody(msgspec.Struct, frozen=True, kw_only=True):
    """A message; its client id is the header `Idempotency-Key`."""

    content: MessageText
    reply_to: Target | None = None
    mentions: Mentions | None = None
    uploads: UploadIds | None = None


def log_event(event: RoomEvent) -> LogEvent:
    return LogEvent(
        room=event.room_id,
        seq=event.seq,
        type=event.type,
        id=event.id,
        ts=event.ts,
        user=User(id=event.user_id, name=event.user_name),
        client_id=event.client_id,
        rev=event.rev or UNSET,
        body=Raw(event.body),
    )


def mine(own: Mapping[int, Sequence[str]]) -> Mine | UnsetType:
    return {str(seq): list(emoji) for seq, emoji in own.items()} or UNSET


def post_command(
    *,
    reply_to: Target | None = None,
    mentions: Sequence[Mention] | None = None,
    uploads: Sequence[str] | None = None,
    **said: Any,
) -> PostMessage:
    """``said`` are the fields of ``PostMessage``."""
    answered = None if reply_to is None else reply_to.as_id()
    if uploads:
        ids = tuple(uploads)
        return PostFiles(**said, uploads=ids, reply_to=answered, mentions=as_called(mentions))
    if mentions:
        return PostMentioning(**said, mentions=as_called(mentions), reply_to=answered)
    return PostMessage(**said) if answered is None else PostReply(**said, reply_to=answered)


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
        found={
            cid: FoundMessage(seq=known[cid].seq, id=known[cid].id, ts=known[cid].ts)
            for cid in client_ids
            if cid in known
        },
        unknown=[cid for cid in client_ids if cid not in known],
    )


def parse_post(room: str, idempotency_key: str | None, body: object) -> MessageRequest:
    """A send over HTTP; always a possible repeat, for what repeats HTTP requests says nothing."""
    client_id = given_key(idempotency_key)
    post = parse_as(PostBody, body)
    return MessageRequest(
        room=room,
        client_id=client_id,
        content=post.content,
        retry=True,
        reply_to=post.reply_to,
        mentions=post.mentions,
        uploads=post.uploads,
    )


def _event(_room_id: str, event: RoomEvent) -> Named:
    return "event", log_event(event)


WORDS = Words(
    requests=(MessageRequest, HistoryRequest, LookupRequest),
    features=("message.reply_to", MENTIONS, "message.uploads"),
    signals={"event": LogEvent},
    told={RoomEvent: _event},
    routes=(
        Route(
            method="GET",
            path="/api/rooms/{room}/events",
            summary="A page of a room's log; the newest without before, after or around.",
            answer=HistoryAck,
            needs_token=True,
            request=HistoryRequest,
            query=("before", "after", "around", "limit"),
            refuses=(400, 401, 404, 429, 503),
        ),
        Route(
            method="POST",
            path="/api/rooms/{room}/messages",
            summary="Send without a socket. The same key again is answered with the first seq.",
            body=PostBody,
            answer=MessageAck,
            needs_token=True,
            request=MessageRequest,
            headers={"Idempotency-Key": "client_id"},
            refuses=(400, 401, 403, 404, 409, 413, 429, 503),
        ),
    ),
)
