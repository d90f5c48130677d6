"""Reacting: an emoji on somebody's message, or no longer.

A reaction is a setting: the last word of a person counts, the same word again changes nothing, and nothing of
it has an id. Many come at once, so a command brings several, of several people, which are one event
of the log. Each has its own outcome.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypeAlias

import msgspec
from msgspec.structs import replace

from chatapp.errors import ChatError, TooMany, error_of
from chatapp.kernel.durable_object import Turn
from chatapp.rooms.aspect import Found, Handlers, Question, TurnAspect, Waking
from chatapp.rooms.attendance.aspect import Attendance
from chatapp.rooms.commands import Command, Join, Member
from chatapp.rooms.events import RoomEvent
from chatapp.rooms.messages import bodies, change_bodies
from chatapp.rooms.messages.aspect import Messages
from chatapp.rooms.messages.change_bodies import ReactionChange
from chatapp.rooms.messages.changes import ReactionSet
from chatapp.rooms.messages.quotes import Author
from chatapp.rooms.messages.targets import ReactionKey, ReactionsOf, ReactionsOn, Target, TargetId

Mine: TypeAlias = Mapping[int, Sequence[str]]
"""Somebody's own emoji, by the seq of their message."""


class Reaction(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """``member`` is None for one without a socket, which needs no session."""

    user_id: str
    name: str
    target: TargetId
    emoji: str
    on: bool
    member: Member | None = None


class React(Command, frozen=True, kw_only=True):
    changes: tuple[Reaction, ...]


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """A ``ChatError``, as one of several answers."""

    code: str
    message: str
    field: str | None
    extra: dict[str, Any]


class ReactOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """``seq`` is of the event that told it; None: nothing changed, or it was refused."""

    seq: int | None = None
    refusal: Refusal | None = None


class Reacted(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """One outcome for each, in their order."""

    outcomes: Sequence[ReactOutcome]


class Reacting(TurnAspect):
    answers = (Reacted,)
    asks_about = frozenset({React, Join})

    def __init__(self, waking: Waking, attendance: Attendance, messages: Messages) -> None:
        self._room_id = waking.room_id
        self._new_id = waking.new_id
        self._retention_ms = waking.rules.retention_ms
        self._emoji_limit = waking.rules.emoji_limit
        self._attendance = attendance
        self._messages = messages
        self._existing: set[ReactionKey] = set()
        self._counts: dict[int, dict[str, int]] = {}  # by target; its emoji as they came to be there
        self._of_newcomers: dict[str, dict[int, list[str]]] = {}

    # --- what must be read --------------------------------------------------------------

    def begin(self, now_ms: int) -> None:
        if self._of_newcomers:
            self._of_newcomers = {}

    def ask(self, commands: Sequence[Command]) -> list[Question]:
        return [*self._ask_for_newcomers(commands), *self._ask_for_changes(commands)]

    def _ask_for_newcomers(self, commands: Sequence[Command]) -> list[Question]:
        """Where nobody has reacted to what they will see, nobody asks."""
        joins = [c for c in commands if isinstance(c, Join) and c.limit > 0]
        self._of_newcomers = {join.member.user_id: {} for join in joins}
        after = self._messages.changed_after(joins)
        return [] if after is None else [ReactionsOf(user_ids=tuple(self._of_newcomers), after=after)]

    def _ask_for_changes(self, commands: Sequence[Command]) -> list[Question]:
        changes = [change for c in commands if isinstance(c, React) for change in c.changes]
        if not changes:
            return []
        head = self._messages.tail.head
        known = [_key(change) for change in changes if 0 < change.target.seq <= head]
        strangers = [(change.user_id, change.name) for change in changes if change.member is None]
        targets = tuple(dict.fromkeys(key.target for key in known))
        return [
            *([ReactionsOn(targets=targets, keys=tuple(dict.fromkeys(known)))] if known else ()),
            *self._messages.targets.ask([change.target for change in changes], self._messages.cutoff),
            *self._attendance.names.ask(strangers),
        ]

    def learn(self, found: Found) -> None:
        for question, answer in found:
            if isinstance(question, ReactionsOn):
                self._existing, self._counts = set(answer.existing), answer.counts
            elif isinstance(question, ReactionsOf):
                self._of_newcomers |= answer

    def mine(self, user_id: str, events: Sequence[RoomEvent]) -> Mine:
        """What a newcomer of this batch has set on the rows of an answer, as of its end."""
        own = self._of_newcomers.get(user_id)
        return {e.seq: own[e.seq] for e in events if own.get(e.seq)} if own else {}

    # --- commands -----------------------------------------------------------------------

    def react(self, command: React, turn: Turn) -> Reacted:
        seq = self._messages.tail.head + 1
        outcomes = [ReactOutcome()] * len(command.changes)
        made: list[ReactionChange] = []
        # What begins to be there with one event is told in the order in which it will be read.
        for place, change in sorted(enumerate(command.changes), key=lambda each: each[1].emoji):
            try:
                if (told := self._set(change, seq, turn)) is not None:
                    outcomes[place] = ReactOutcome(seq=seq)
                    made.append(told)
            except ChatError as error:
                outcomes[place] = ReactOutcome(refusal=_refusal(error))
        if made:
            self._tell(made, seq, turn)
        return Reacted(outcomes=outcomes)

    def _set(self, change: Reaction, seq: int, turn: Turn) -> ReactionChange | None:
        """None: it is so already."""
        name, key = self._name(change), _key(change)
        target = self._messages.targets.find(change.target, turn.now_ms)
        if (key in self._existing) == change.on:
            return None
        counts = self._counts.setdefault(target.seq, {})
        if change.on and change.emoji not in counts and len(counts) >= self._emoji_limit:
            raise TooMany("A message has as many different reactions as it can.", field="emoji")

        count = self._count(key, on=change.on)
        self._messages.targets.reacted(
            replace(target, body=bodies.with_reactions(target.body, counts), rev=seq)
        )
        turn.record(self._record(change, target, seq, turn))
        return ReactionChange(
            target=change.target,
            emoji=change.emoji,
            user=Author(id=change.user_id, name=name),
            on=change.on,
            count=count,
        )

    def _name(self, change: Reaction) -> str:
        if change.member is not None:
            return self._attendance.session_of(change.member).name
        self._attendance.names.refuse_taken(change.user_id, change.name)
        return change.name

    def _count(self, key: ReactionKey, *, on: bool) -> int:
        counts, emoji = self._counts[key.target], key.emoji
        own = self._of_newcomers.get(key.user_id, {}).setdefault(key.target, [])
        if on:
            self._existing.add(key)
            own.append(emoji)
        else:
            self._existing.discard(key)
            own[:] = [each for each in own if each != emoji]
        counts[emoji] = count = counts.get(emoji, 0) + (1 if on else -1)
        if count == 0:
            del counts[emoji]
        return count

    def _record(self, change: Reaction, target: Target, seq: int, turn: Turn) -> ReactionSet:
        return ReactionSet(
            room_id=self._room_id,
            target=target.seq,
            target_id=target.id,
            emoji=change.emoji,
            user_id=change.user_id,
            on=change.on,
            seq=seq,
            ts=target.ts,
            cutoff=turn.now_ms - self._retention_ms,
        )

    def _tell(self, changes: Sequence[ReactionChange], seq: int, turn: Turn) -> None:
        """It is of several people, and so of nobody."""
        tail, event_id = self._messages.tail, self._new_id()
        event = RoomEvent(
            room_id=self._room_id,
            seq=seq,
            type="react",
            id=event_id,
            ts=max(turn.now_ms, tail.last_at),
            user_id="",
            user_name="",
            client_id=event_id,
            body=change_bodies.react_told(changes),
        )
        tail.append(event)
        turn.log(event)

    handles: ClassVar[Handlers] = {React: react}


def _key(change: Reaction) -> ReactionKey:
    return ReactionKey(change.target.seq, change.emoji, change.user_id)


def _refusal(error: ChatError) -> Refusal:
    return Refusal(code=error.code, message=error.message, field=error.field, extra=error.extra)


def as_error(refusal: Refusal) -> ChatError:
    """The same again."""
    return error_of(refusal.code, refusal.message, field=refusal.field, **refusal.extra)
