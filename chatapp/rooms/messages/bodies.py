"""The body of a message, as it is stored, and as it is told.

*Stored* is what its author wrote and whom it calls, which files it has, what it answers, and when it was last
edited. *Told* is that and what is made of other rows whenever it is read: the quote of what it answers, and
the reactions. So no words stand in two rows.

The text itself is handed on as it was encoded: only a quote's excerpt is made from what it says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType
from msgspec.structs import replace

from chatapp.rooms.messages.quotes import Author, Quote, excerpt
from chatapp.rooms.messages.targets import TargetId
from chatapp.rooms.messages.uploads import Upload

Content: TypeAlias = Annotated[Raw, Meta(extra_json_schema={"type": "string"})]
"""The JSON text of a text."""


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


_NO_TEXT = Raw(b'""')  # clients of before know no message without a text

_encode = msgspec.json.Encoder().encode
parsed = msgspec.json.Decoder(MessageBody).decode  # stored or told
_text = msgspec.json.Decoder(str).decode


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
    body = parsed(stored)
    if body.deleted is not UNSET:
        return stored
    return _encode(
        replace(body, quote=UNSET if quote is None else quote, reactions=_reactions(reactions or {}))
    )


def stored(body: bytes) -> bytes:
    """The stored form of what is told."""
    return _encode(replace(parsed(body), quote=UNSET, reactions=UNSET))


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
        parsed(body),
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
    decoded = parsed(body)
    return body if decoded.deleted is not UNSET else _encode(replace(decoded, quote=quote))


def with_reactions(body: bytes, counts: Mapping[str, int]) -> bytes:
    """Other reactions for a told message."""
    decoded = parsed(body)
    return body if decoded.deleted is not UNSET else _encode(replace(decoded, reactions=_reactions(counts)))


def counted(counts: Mapping[str, int]) -> bytes | None:
    """Reactions as they are told, to be stored beside a message: see ``with_counted``. None: none."""
    reactions = _reactions(counts)
    return None if isinstance(reactions, UnsetType) else _encode(reactions)


def with_counted(stored: bytes, reactions: bytes) -> bytes:
    """What is told of a stored message that is not deleted: nothing of it is read for that."""
    return b'%b,"reactions":%b}' % (stored[:-1], reactions)


def reply_of(body: bytes) -> TargetId | None:
    """What a message answers."""
    reply_to = parsed(body).reply_to
    return None if isinstance(reply_to, UnsetType) else reply_to


def mentions_of(body: bytes) -> Sequence[Mention]:
    """Whom a message calls."""
    return parsed(body).mentions or ()


def uploads_of(body: bytes) -> Sequence[Upload]:
    """The files of a message, stored or told."""
    uploads = parsed(body).uploads
    return () if isinstance(uploads, UnsetType) else uploads


def edited_seq_of(body: bytes) -> int:
    """The seq of a message's last edit, 0 if there was none."""
    seq = parsed(body).edited_seq
    return 0 if isinstance(seq, UnsetType) else seq


def is_deleted(body: bytes) -> bool:
    return parsed(body).deleted is not UNSET


def _reactions(counts: Mapping[str, int]) -> Sequence[ReactionCount] | UnsetType:
    return [ReactionCount(emoji=emoji, count=count) for emoji, count in counts.items()] or UNSET


def quote_of(body: bytes, *, seq: int, ts: int, user_id: str, user_name: str) -> Quote:
    """The quote of a message as it is now, stored or told."""
    decoded = parsed(body)
    content, rev = decoded.content, decoded.edited_seq or 0
    if isinstance(content, UnsetType) or decoded.deleted is not UNSET:
        return Quote(seq=seq, deleted=True)
    author = Author(id=user_id, name=user_name)
    files = len(decoded.uploads or ())
    return Quote(seq=seq, ts=ts, user=author, excerpt=excerpt(_text(content)), files=files, rev=rev)
