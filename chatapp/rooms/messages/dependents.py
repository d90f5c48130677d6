"""Dependents: events that are told with what a message says, and so follow whatever becomes of it.

An answer has a quote of it, and an edit its words as they are now.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, partial

from msgspec.structs import replace

from chatapp.rooms.events import RoomEvent
from chatapp.rooms.messages import bodies, change_bodies, quotes
from chatapp.rooms.messages.targets import Target, TargetId


def as_of(events: Iterable[RoomEvent], target: Target) -> list[RoomEvent]:
    """What is told of these now that a message is this: one may be its own row, others depend on it.

    Hundreds may, and its text be long: what they are told with is made once.
    """
    quote = cache(partial(quote_of, target))
    edit = cache(partial(change_bodies.edit_told, TargetId(seq=target.seq, id=target.id), target.body))

    def now(event: RoomEvent) -> RoomEvent:
        if event.seq == target.seq:
            return row_as_of(event, target)
        if event.target != target.seq:
            return event
        match event.type:
            case "message":
                return replace(event, body=bodies.with_quote(event.body, quote()))
            case "edit":
                return replace(event, body=edit())
            case _:
                return event

    return [now(event) for event in events]


def row_as_of(row: RoomEvent, target: Target) -> RoomEvent:
    if target.is_deleted:
        return replace(row, body=target.body, rev=target.rev, content_hash=b"", target=0, target_ts=0)
    # Once the text is another, what was sent first cannot be compared with it.
    content_hash = b"" if target.edited_seq else row.content_hash
    return replace(row, body=target.body, rev=target.rev, content_hash=content_hash)


def without_target(event: RoomEvent) -> RoomEvent:
    """What it depends on has expired: none of its words may be told."""
    match event.type:
        case "message":
            body = bodies.with_quote(event.body, quotes.expired_quote(event.target))
        case "edit":
            body = change_bodies.edit_told(change_bodies.edit_target(event.body), None)
        case _:
            body = event.body
    return replace(event, body=body, target_ts=0)


def quote_of(target: Target) -> quotes.Quote:
    return bodies.quote_of(
        target.body, seq=target.seq, ts=target.ts, user_id=target.user_id, user_name=target.user_name
    )
