"""Bodies: what stands in an event, as it is stored, and as it is told.

*Stored* of a message is what its author wrote and whom it calls, which files it has, what it answers, and
when it was last edited. *Told* is that and what is made of other rows whenever it is read: the quote of what
it answers, and the reactions. So no words stand in two rows. A change is stored with its target alone, and
told with what it did.

The text itself is handed on as it was encoded: only a quote's excerpt is made from what it says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Literal, TypeAlias

import msgspec
import regex
from msgspec import UNSET, Meta, Raw, UnsetType
from msgspec.structs import replace

from chatapp.rooms.messages.targets import TargetId
from chatapp.rooms.messages.uploads import Upload

EXCERPT_LENGTH = 140
"""In what a reader takes for characters, which Unicode calls grapheme clusters."""

# Possessive, or a text that is one long cluster would be tried again from each of its characters.
_EXCERPT = regex.compile(rf"\X{{0,{EXCERPT_LENGTH}}}+")


Content: TypeAlias = Annotated[Raw, Meta(extra_json_schema={"type": "string"})]
"""The JSON text of a text."""


class Author(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    id: str
    name: str


class Quote(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What a message answers, in short, and when (ms) that was said: until it expires.

    ``files`` is how many it has; 0 and absent if it has none. ``rev`` is the seq of its last edit; 0 and
    absent if there was none. Not of a reaction: that is no change of what is quoted.
    """

    seq: int
    ts: int | UnsetType = UNSET
    user: Author | UnsetType = UNSET
    excerpt: str | UnsetType = UNSET
    files: int = 0
    rev: int = 0
    deleted: bool = False
    expired: bool = False


class Mention(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Somebody who is called by ``@name`` in the text, under the name that stands there; ``id`` "": all here.

    ``since`` is the seq of the edit that called them first; 0 and absent if the message itself did.
    """

    id: str
    name: str
    since: int = 0


class Deletion(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    at: int
    by: Literal["author"] = "author"


class ReactionCount(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    emoji: str
    count: int


class MessageBody(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Of a message, stored or told; what is absent is not sent.

    With ``deleted`` there is nothing else, but an empty content: clients of before know no message without.
    """

    content: Content | UnsetType = UNSET
    mentions: Sequence[Mention] | UnsetType = UNSET
    uploads: Sequence[Upload] | UnsetType = UNSET
    reply_to: TargetId | UnsetType = UNSET
    quote: Quote | UnsetType = UNSET
    edited_at: int | UnsetType = UNSET
    edited_seq: int | UnsetType = UNSET
    reactions: Sequence[ReactionCount] | UnsetType = UNSET  # the last but for deleted: see with_counted
    deleted: Deletion | UnsetType = UNSET


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


_NO_TEXT = Raw(b'""')  # clients of before know no message without a text

_encode = msgspec.json.Encoder().encode
_body = msgspec.json.Decoder(MessageBody).decode
_edit = msgspec.json.Decoder(EditBody).decode
_react = msgspec.json.Decoder(ReactBody).decode
_text = msgspec.json.Decoder(str).decode


# --- a message --------------------------------------------------------------------------------


def said(
    content: str,
    reply_to: TargetId | None = None,
    uploads: Sequence[Upload] = (),
    mentions: Sequence[Mention] = (),
) -> bytes:
    """The stored form of a message that was just written."""
    return _encode(
        MessageBody(
            content=Raw(_encode(content)),
            mentions=mentions or UNSET,
            uploads=uploads or UNSET,
            reply_to=UNSET if reply_to is None else reply_to,
        )
    )


def told(stored: bytes, *, quote: Quote | None = None, reactions: Mapping[str, int] | None = None) -> bytes:
    """What is told of a stored message; ``reactions`` are counts by emoji, in the order they came."""
    body = _body(stored)
    if body.deleted is not UNSET:
        return stored
    return _encode(
        replace(body, quote=UNSET if quote is None else quote, reactions=_reactions(reactions or {}))
    )


def stored(body: bytes) -> bytes:
    """The stored form of what is told."""
    return _encode(replace(_body(body), quote=UNSET, reactions=UNSET))


def edited(
    body: bytes,
    content: str,
    mentions: Sequence[Mention] = (),
    *,
    at: int,
    seq: int,
    uploads: Sequence[Upload] | None = None,
) -> bytes:
    """Another text with those it calls, by the edit ``seq``, and perhaps fewer files; the rest stays.

    ``body`` is stored or told.
    """
    now = replace(
        _body(body),
        content=Raw(_encode(content)),
        mentions=mentions or UNSET,
        edited_at=at,
        edited_seq=seq,
    )
    return _encode(now if uploads is None else replace(now, uploads=uploads or UNSET))


def tombstone(at: int) -> bytes:
    """All that is left of a deleted message, stored and told."""
    return _encode(MessageBody(content=_NO_TEXT, deleted=Deletion(at=at)))


def with_quote(body: bytes, quote: Quote) -> bytes:
    """Another quote for a told message that answers one."""
    decoded = _body(body)
    return body if decoded.deleted is not UNSET else _encode(replace(decoded, quote=quote))


def with_reactions(body: bytes, counts: Mapping[str, int]) -> bytes:
    """Other reactions for a told message."""
    decoded = _body(body)
    return body if decoded.deleted is not UNSET else _encode(replace(decoded, reactions=_reactions(counts)))


def counted(counts: Mapping[str, int]) -> bytes | None:
    """Reactions as they are told, to be stored beside a message: see ``with_counted``. None: none."""
    reactions = _reactions(counts)
    return None if isinstance(reactions, UnsetType) else _encode(reactions)


def with_counted(stored: bytes, reactions: bytes) -> bytes:
    """What is told of a stored message that is not deleted: nothing of it is read for that."""
    return b'%b,"reactions":%b}' % (stored[:-1], reactions)


def reactions_of(body: bytes) -> dict[str, int]:
    """The counts by emoji of a told message."""
    reactions = _body(body).reactions
    return {} if isinstance(reactions, UnsetType) else {each.emoji: each.count for each in reactions}


def reply_of(body: bytes) -> TargetId | None:
    """What a message answers."""
    reply_to = _body(body).reply_to
    return None if isinstance(reply_to, UnsetType) else reply_to


def mentions_of(body: bytes) -> Sequence[Mention]:
    """Whom a message calls."""
    return _body(body).mentions or ()


def uploads_of(body: bytes) -> Sequence[Upload]:
    """The files of a message, stored or told."""
    uploads = _body(body).uploads
    return () if isinstance(uploads, UnsetType) else uploads


def edited_seq_of(body: bytes) -> int:
    """The seq of a message's last edit, 0 if there was none."""
    seq = _body(body).edited_seq
    return 0 if isinstance(seq, UnsetType) else seq


def is_deleted(body: bytes) -> bool:
    return _body(body).deleted is not UNSET


def _reactions(counts: Mapping[str, int]) -> Sequence[ReactionCount] | UnsetType:
    return [ReactionCount(emoji=emoji, count=count) for emoji, count in counts.items()] or UNSET


# --- its quote --------------------------------------------------------------------------------


def quote_of(body: bytes, *, seq: int, ts: int, user_id: str, user_name: str) -> Quote:
    """The quote of a message as it is now, stored or told."""
    decoded = _body(body)
    content, rev = decoded.content, decoded.edited_seq or 0
    if isinstance(content, UnsetType) or decoded.deleted is not UNSET:
        return Quote(seq=seq, deleted=True)
    author = Author(id=user_id, name=user_name)
    files = len(decoded.uploads or ())
    return Quote(seq=seq, ts=ts, user=author, excerpt=excerpt(_text(content)), files=files, rev=rev)


def expired_quote(seq: int) -> Quote:
    return Quote(seq=seq, expired=True)


def excerpt(text: str) -> str:
    """The first so many characters, as a reader counts them."""
    if len(text) <= EXCERPT_LENGTH:
        return text
    if text.isascii() and "\r" not in text:
        return text[:EXCERPT_LENGTH]
    found = _EXCERPT.match(text)
    assert found is not None  # it may be empty
    return str(found[0])


# --- changes ----------------------------------------------------------------------------------


def edit_stored(target: TargetId) -> bytes:
    return _encode(EditBody(target=target))


def edit_told(target: TargetId, body: bytes | None) -> bytes:
    """An edit, given what its target is now, stored or told; None: it has expired."""
    if body is None:
        return _encode(EditBody(target=target, gone=True))
    now = _body(body)
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
