"""The bodies of changes: stored with their target alone, and told with what they did."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from chatapp.rooms.messages.bodies import Content, Mention, parsed
from chatapp.rooms.messages.quotes import Author
from chatapp.rooms.messages.targets import TargetId
from chatapp.rooms.messages.uploads import Upload


class EditBody(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Stored with its target alone. ``gone``: there is nothing of the target that could be told."""

    target: TargetId
    content: Content | UnsetType = UNSET
    mentions: Sequence[Mention] | UnsetType = UNSET
    uploads: Sequence[Upload] | UnsetType = UNSET
    edited_at: int | UnsetType = UNSET
    edited_seq: int | UnsetType = UNSET
    gone: bool = False


class DeleteBody(msgspec.Struct, frozen=True, kw_only=True):
    target: TargetId
    by: Literal["author"] = "author"


class ReactionChange(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """``count``: how many have this emoji on this message behind it; 0: it leaves."""

    target: TargetId
    emoji: str
    user: Author
    on: bool
    count: int


class ReactBody(msgspec.Struct, frozen=True, kw_only=True):
    changes: Sequence[ReactionChange]


_encode = msgspec.json.Encoder().encode
_edit = msgspec.json.Decoder(EditBody).decode
_react = msgspec.json.Decoder(ReactBody).decode


def edit_stored(target: TargetId) -> bytes:
    return _encode(EditBody(target=target))


def edit_told(target: TargetId, body: bytes | None) -> bytes:
    """An edit, given what its target is now, stored or told; None: it has expired."""
    if body is None:
        return _encode(EditBody(target=target, gone=True))
    now = parsed(body)
    if now.deleted is not UNSET:
        return _encode(EditBody(target=target, gone=True))
    return _encode(
        EditBody(
            target=target,
            content=now.content,
            mentions=now.mentions,
            uploads=now.uploads,
            edited_at=now.edited_at,
            edited_seq=now.edited_seq,
        )
    )


def edit_target(body: bytes) -> TargetId:
    """What an edit was of, stored or told."""
    return _edit(body).target


def delete_told(target: TargetId) -> bytes:
    """A deletion, stored and told."""
    return _encode(DeleteBody(target=target))


def names_told(body: bytes) -> dict[tuple[int, str, str], str]:
    """By the seq of the message, emoji and user id: under which names reactions were set."""
    changes = _react(body).changes
    return {(each.target.seq, each.emoji, each.user.id): each.user.name for each in changes if each.on}


def react_told(changes: Iterable[ReactionChange]) -> bytes:
    """Reactions that came and went, stored and told."""
    return _encode(ReactBody(changes=list(changes)))
