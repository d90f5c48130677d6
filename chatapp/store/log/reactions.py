"""Reactions: who has nodded at which message, and with what.

A row a person, emoji and message, written by ``chatapp.store.log.changes`` and read here. They expire with
their message. Under which name somebody has reacted stands in the event that told it, and is read there: so
no words are in the table, which forgets row by row. Rows that the version before has written hold names; as
long as there are some, the alarm writes the table anew.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from operator import itemgetter

import msgspec
from sqlalchemy import (
    BigInteger,
    BindParameter,
    Connection,
    Text,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.sql import ClauseElement, FromClause

from chatapp.rooms.messages import change_bodies
from chatapp.rooms.messages.pages import PAGE_BYTES, first_within
from chatapp.rooms.messages.targets import ReactionKey, Reactions, ReactionsOf, ReactionsOn
from chatapp.store.database.bulk import Columns, bulk
from chatapp.store.database.engine import Database
from chatapp.store.log.texts import WORDS, unpacked
from chatapp.store.models import LIVING, events, reactions

PEOPLE_NAMED = 100
"""So many of those who have set an emoji are named; all are counted."""

_set = reactions.c
_room: BindParameter[str] = bindparam("room")
_targets: BindParameter[Sequence[int]] = bindparam("targets", expanding=True)

_emoji = (
    select(_set.emoji, func.min(_set.seq).label("since"), func.count().label("people"))
    .where(_set.room_id == events.c.room_id, _set.target == events.c.seq)
    .group_by(_set.emoji)
    .correlate(events)
    .subquery("emoji")
)
_as_text = [cast(column, Text) for column in (_emoji.c.since, _emoji.c.people)]
COUNTS = select(
    func.aggregate_strings(_as_text[0] + " " + _as_text[1] + " " + _emoji.c.emoji, "\n")
).scalar_subquery()
"""What is set on an event, as a column of a statement that selects from ``events``: for ``counts_in``."""

COUNTS_OF = (
    select(_set.target, _set.emoji, func.count().label("people"))
    .where(_set.room_id == _room, _set.target.in_(_targets))
    .group_by(_set.target, _set.emoji)
    .order_by(func.min(_set.seq), _set.emoji)
)
_KEYS: Columns = {"room": Text(), "message": BigInteger(), "sign": Text(), "person": Text()}


def _existing(asked: FromClause) -> ClauseElement:
    wanted = asked.c
    is_this = and_(
        _set.room_id == wanted.room,
        _set.target == wanted.message,
        _set.emoji == wanted.sign,
        _set.user_id == wanted.person,
    )
    return select(_set.target, _set.emoji, _set.user_id).join_from(asked, reactions, is_this)


_place = (_set.room_id == _room, _set.target == bindparam("target"))
MESSAGE = select(events.c.seq).where(
    events.c.room_id == _room,
    events.c.seq == bindparam("target"),
    events.c.id == bindparam("id"),
    events.c.type == "message",
    events.c.gone == LIVING,
    events.c.ts > bindparam("cutoff"),
)
_in_turn = (func.coalesce(_set.told, 0), _set.user_id)
_everybody = (
    select(
        *(_set.emoji, _set.user_id, _set.name, _set.told),
        func.min(_set.seq).over(partition_by=_set.emoji).label("since"),
        func.count().over(partition_by=_set.emoji).label("people"),
        func.row_number().over(partition_by=_set.emoji, order_by=_in_turn).label("place"),
    )
    .where(*_place)
    .subquery("everybody")
)
PEOPLE = (
    select(_everybody)
    .where(_everybody.c.place <= literal_column(str(PEOPLE_NAMED)))
    .order_by(_everybody.c.since, _everybody.c.emoji, _everybody.c.place)
)
NAMES = (
    select(events.c.seq, WORDS)
    .where(events.c.room_id == _room, events.c.seq.in_(_targets), events.c.type == "react")
    .order_by(events.c.seq)
)
MINE = (
    select(_set.target, _set.emoji)
    .where(_set.room_id == _room, _set.target.in_(_targets), _set.user_id == bindparam("user"))
    .order_by(_set.target, _set.seq, _set.emoji)
)

_users: BindParameter[Sequence[str]] = bindparam("users", expanding=True)
BEHIND = (
    select(_set.user_id, _set.target, _set.emoji)
    .where(_set.room_id == _room, _set.target > bindparam("after"), _set.user_id.in_(_users))
    .order_by(_set.target, _set.seq, _set.emoji)
)


class Reacted(msgspec.Struct, kw_only=True):
    """Who has set an emoji: how many, and some of them as (user id, name)."""

    emoji: str
    count: int
    users: list[tuple[str, str]]


def counts_of(connection: Connection, room_id: str, targets: Collection[int]) -> dict[int, dict[str, int]]:
    """By target and emoji, in the order in which they came; each target is in it."""
    counts: dict[int, dict[str, int]] = {target: {} for target in targets}
    asked = {"room": room_id, "targets": list(counts)}
    for row in connection.execute(COUNTS_OF, asked) if counts else ():
        counts[row.target][row.emoji] = row.people
    return counts


def counts_in(text: str) -> dict[str, int]:
    """How many have set which emoji, in the order in which they came; of those that came at once, by code."""
    found = [(int(since), emoji, int(people)) for since, people, emoji in map(_split, text.split("\n"))]
    return {emoji: people for _, emoji, people in sorted(found, key=itemgetter(0, 1))}


def _split(line: str) -> list[str]:
    return line.split(" ", 2)


class ReactionTable:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._existing = bulk(database, _KEYS, _existing)

    def on(self, room_id: str, question: ReactionsOn) -> Reactions:
        """What the room itself asks. What has expired, it does not ask about."""
        asked = [(room_id, *key) for key in question.keys]
        with self._database.reading() as connection:
            counts = counts_of(connection, room_id, question.targets)
            existing = self._existing.execute(connection, asked) if asked else ()
        return Reactions(counts=counts, existing=frozenset(ReactionKey(*key) for key in existing))

    def behind(self, room_id: str, question: ReactionsOf) -> dict[str, dict[int, list[str]]]:
        """What these people have set on what lies behind a place."""
        found: dict[str, dict[int, list[str]]] = {}
        asked = {"room": room_id, "after": question.after, "users": list(question.user_ids)}
        with self._database.reading() as connection:
            for row in connection.execute(BEHIND, asked) if question.user_ids else ():
                found.setdefault(row.user_id, {}).setdefault(row.target, []).append(row.emoji)
        return found

    def people(self, room_id: str, target: int, target_id: str, cutoff: int) -> list[Reacted] | None:
        """Who has reacted to a message; None: there is no such message any more.

        The emoji are in their order, the people of each in that in which they set it.
        """
        asked = {"room": room_id, "target": target, "id": target_id, "cutoff": cutoff}
        with self._database.reading() as connection:
            if connection.execute(MESSAGE, asked).one_or_none() is None:
                return None
            rows = connection.execute(PEOPLE, asked).all()
            names = _names_told(connection, room_id, {row.told for row in rows if row.told})
        found: dict[str, Reacted] = {}
        for row in rows:
            each = found.setdefault(row.emoji, Reacted(emoji=row.emoji, count=row.people, users=[]))
            name = row.name or names.get((target, row.emoji, row.user_id))
            if name:
                each.users.append((row.user_id, name))
        return list(found.values())

    def mine(self, user_id: str, room_id: str, seqs: Iterable[int]) -> Mapping[int, list[str]]:
        """This person's emoji on the messages at these places, which are to be some that can be read."""
        found: dict[int, list[str]] = {}
        asked = {"room": room_id, "user": user_id, "targets": list(seqs)}
        if asked["targets"]:
            with self._database.reading() as connection:
                for row in connection.execute(MINE, asked):
                    found.setdefault(row.target, []).append(row.emoji)
        return found


def _names_told(
    connection: Connection, room_id: str, seqs: Collection[int]
) -> dict[tuple[int, str, str], str]:
    """Of the first that fit into a page: a thousand may have reacted in events of two hundred each."""
    asked = {"room": room_id, "targets": sorted(seqs)}
    names: dict[tuple[int, str, str], str] = {}
    with connection.execute(NAMES, asked) as found:
        told = (unpacked(row.words)[1] for row in found if isinstance(row.words, str))
        for body in first_within(PAGE_BYTES, told, len):
            names |= change_bodies.names_told(body)
    return names
