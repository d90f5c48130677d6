"""What is told of the rows of a log, as they are when they are read.

A row has its own words, and what became of it: these, and how many have reacted to it, are columns of one
statement. What an event says of another one (whose words a reply quotes, what an edit has changed) is looked
up there, by one statement more, and only where a row has a target: so what was edited, deleted or has expired
is nowhere told in the words that it had.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace
from sqlalchemy import BindParameter, Connection, bindparam, case, select

from chatapp.rooms.events import RoomEvent
from chatapp.rooms.messages import bodies, change_bodies, quotes
from chatapp.rooms.messages.quotes import Quote
from chatapp.rooms.messages.targets import TargetId
from chatapp.store.log.reactions import COUNTS, counts_in
from chatapp.store.log.texts import WORDS, unpacked
from chatapp.store.models import EXPIRED, events

_log = events.c
_seqs: BindParameter[Sequence[int]] = bindparam("seqs", expanding=True)

EVENT = (
    *(_log.room_id, _log.seq, _log.type, _log.id, _log.ts, _log.user_id, _log.client_id, _log.content_hash),
    *(_log.rev, _log.target),
    case((_log.counts_rev == _log.rev, _log.counts)).label("counts"),
    # Where the last change was stored by a version that kept no counts.
    case((_log.rev.is_not(None) & _log.counts_rev.is_distinct_from(_log.rev), COUNTS)).label("uncounted"),
    WORDS,
)
"""The columns of an event; a deleted one has words that say so."""

IS_TOLD = (_log.ts > bindparam("cutoff"), _log.gone != EXPIRED)

AT = select(*EVENT).where(_log.room_id == bindparam("room"), _log.seq.in_(_seqs), *IS_TOLD)
_TARGETS = select(_log.seq, _log.id, _log.ts, _log.user_id, WORDS).where(
    _log.room_id == bindparam("room"), _log.seq.in_(_seqs), _log.type == "message", *IS_TOLD
)


def stored_event(row: Sequence[Any]) -> RoomEvent | None:
    """Of the columns of ``EVENT``: all but what other rows say. None: it goes at this moment."""
    # Unpacked: to ask a row for its columns by their names costs as much as to read it.
    room_id, seq, type_, id_, ts, user_id, client_id, content_hash, rev, target, *reactions, words = row
    if not isinstance(words, str):
        return None
    name, body = unpacked(words)
    return RoomEvent(
        room_id=room_id,
        seq=seq,
        type=type_,
        id=id_,
        ts=ts,
        user_id=user_id,
        user_name=name,
        client_id=client_id,
        body=_with_reactions(body, *reactions),
        content_hash=bytes(content_hash),
        rev=rev or 0,
        target=target or 0,
    )


def _with_reactions(body: bytes, counts: str | None, uncounted: str | None) -> bytes:
    if counts is not None:
        return bodies.with_counted(body, counts.encode())
    return body if uncounted is None else bodies.with_reactions(body, counts_in(uncounted))


def told_events(
    connection: Connection, room_id: str, stored: list[RoomEvent], cutoff: int
) -> list[RoomEvent]:
    """The same, with what others say of them; what is not younger than ``cutoff`` (ms) is not looked at."""
    seqs = {event.target for event in stored if event.target and event.type != "delete"}
    if not seqs:
        return stored
    asked = {"room": room_id, "seqs": sorted(seqs), "cutoff": cutoff}
    targets = {row.seq: row for row in connection.execute(_TARGETS, asked) if isinstance(row.words, str)}
    return [_told(event, targets) if event.target in seqs else event for event in stored]


def events_at(connection: Connection, room_id: str, seqs: Iterable[int], cutoff: int) -> list[RoomEvent]:
    """Those of these places that are younger than ``cutoff``, as they are told."""
    asked = {"room": room_id, "seqs": list(seqs), "cutoff": cutoff}
    found = map(stored_event, connection.execute(AT, asked))
    return told_events(connection, room_id, [event for event in found if event is not None], cutoff)


def _told(event: RoomEvent, targets: Mapping[int, Any]) -> RoomEvent:
    if event.type == "edit":
        target_id = change_bodies.edit_target(event.body)
        target = _meant(target_id, targets)
        body = change_bodies.edit_told(target_id, None if target is None else unpacked(target.words)[1])
    else:
        reply_to = bodies.reply_of(event.body)
        if reply_to is None:
            return event
        target = _meant(reply_to, targets)
        body = bodies.with_quote(event.body, _quote(reply_to.seq, target))
    return replace(event, body=body, target_ts=0 if target is None else target.ts)


def _meant(target_id: TargetId, targets: Mapping[int, Any]) -> Any | None:
    """After a restore another message may be in its place."""
    target = targets.get(target_id.seq)
    return target if target is not None and target.id == target_id.id else None


def _quote(seq: int, target: Any | None) -> Quote:
    if target is None:
        return quotes.expired_quote(seq)
    name, body = unpacked(target.words)
    return bodies.quote_of(body, seq=seq, ts=target.ts, user_id=target.user_id, user_name=name)
