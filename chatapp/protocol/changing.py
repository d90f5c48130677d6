"""On the wire: another text for a message of one's own, fewer of its files, or nothing at all."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

from chatapp.errors import BadRequest
from chatapp.protocol.aspect import Route, Words
from chatapp.protocol.forms import Ack, RoomRequest, Seq, Target
from chatapp.protocol.mentions import Mentions, as_called, check_mentions
from chatapp.protocol.messages import MessageAck
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
from chatapp.rooms.changing import Changed, DeleteMessage, EditFiles, EditMentioning, EditMessage
from chatapp.rooms.commands import Member


class EditRequest(RoomRequest, frozen=True, kw_only=True):
    """Give a message of one's own another text, and perhaps fewer files.

    `rev` is the `edited_seq` of the text that it was written on, or the message's seq; if there is another by
    now, it is a `conflict`. Without, it replaces whatever is there. `mentions` replace those of before;
    whoever was not among those is called now. `uploads` are those of its files that stay; without, all do.
    """

    event: ClassVar[str] = "edit"
    ack: ClassVar[type[Ack]] = MessageAck

    client_id: ClientId
    target: Target
    content: MessageText
    mentions: Mentions | None = None
    rev: Seq | None = None
    retry: bool = False
    uploads: UploadIds | None = None

    def __post_init__(self) -> None:
        RoomRequest.__post_init__(self)
        checked_client_id(self.client_id)
        check_mentions(self.mentions)
        if self.uploads:
            checked_upload_ids(self.uploads)
        # Whether it has files that stay, the room knows.
        checked_text(self.content, may_have_files=self.uploads != [])


class DeleteRequest(RoomRequest, frozen=True, kw_only=True):
    """Take a message of one's own back, for everybody and for good."""

    event: ClassVar[str] = "delete"
    ack: ClassVar[type[Ack]] = MessageAck

    client_id: ClientId
    target: Target
    retry: bool = False

    def __post_init__(self) -> None:
        RoomRequest.__post_init__(self)
        checked_client_id(self.client_id)


class PatchBody(msgspec.Struct, frozen=True, kw_only=True):
    """Another text for the message `id`; its client id is the header `Idempotency-Key`."""

    id: str
    content: MessageText
    mentions: Mentions | None = None
    rev: Seq | None = None
    uploads: UploadIds | None = None


def edit_command(request: EditRequest, author_id: str, member: Member | None = None) -> EditMessage:
    said: dict[str, Any] = {
        "room_id": request.room,
        "author_id": author_id,
        "client_id": request.client_id,
        "target": request.target.as_id(),
        "content": request.content,
        "base": request.rev,
        "is_retry": request.retry,
        "member": member,
    }
    mentions = as_called(request.mentions)
    if request.uploads is not None or not request.content:
        left = None if request.uploads is None else tuple(request.uploads)
        return EditFiles(**said, uploads=left, mentions=mentions)
    return EditMentioning(**said, mentions=mentions) if mentions else EditMessage(**said)


def delete_command(request: DeleteRequest, author_id: str, member: Member | None = None) -> DeleteMessage:
    return DeleteMessage(
        room_id=request.room,
        author_id=author_id,
        client_id=request.client_id,
        target=request.target.as_id(),
        is_retry=request.retry,
        member=member,
    )


def change_ack(changed: Changed) -> MessageAck:
    return MessageAck(seq=changed.seq, id=changed.id, ts=changed.ts, duplicate=changed.is_duplicate)


def parse_patch(room: str, seq: int, idempotency_key: str | None, body: object) -> EditRequest:
    """Always a possible repeat, as a send over HTTP."""
    patch = parse_as(PatchBody, body)
    return EditRequest(
        room=room,
        client_id=given_key(idempotency_key),
        target=target_of(seq, patch.id),
        content=patch.content,
        mentions=patch.mentions,
        rev=patch.rev,
        retry=True,
        uploads=patch.uploads,
    )


def parse_deletion(room: str, seq: int, idempotency_key: str | None, message_id: str | None) -> DeleteRequest:
    return DeleteRequest(
        room=room, client_id=given_key(idempotency_key), target=target_of(seq, message_id), retry=True
    )


def target_of(seq: int, message_id: str | None) -> Target:
    """As a path and a query say it."""
    if not message_id:
        raise BadRequest("The message’s id is missing.", field="id")
    return parse_as(Target, {"seq": seq, "id": message_id})


_REFUSES = (400, 401, 403, 404, 409, 413, 429, 503)

WORDS = Words(
    requests=(EditRequest, DeleteRequest),
    features=("edit.uploads",),
    routes=(
        Route(
            method="PATCH",
            path="/api/rooms/{room}/messages/{seq}",
            summary="Give a message of one's own another text, and perhaps fewer files.",
            body=PatchBody,
            answer=MessageAck,
            needs_token=True,
            request=EditRequest,
            headers={"Idempotency-Key": "client_id"},
            refuses=_REFUSES,
        ),
        Route(
            method="DELETE",
            path="/api/rooms/{room}/messages/{seq}",
            summary="Take a message of one's own back.",
            answer=MessageAck,
            needs_token=True,
            request=DeleteRequest,
            query=("id",),
            headers={"Idempotency-Key": "client_id"},
            refuses=_REFUSES,
        ),
    ),
)
