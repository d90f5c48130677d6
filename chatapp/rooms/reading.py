"""Reading: how far each person has read, on all of their devices together.

Cursors move often and matter little, so they are stored together and a moment later; a room
does not sleep before that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from typing import ClassVar

import msgspec

from chatapp.kernel.durable_object import Turn
from chatapp.rooms.aspect import Found, Handlers, Question, TurnAspect, Waking
from chatapp.rooms.attendance.aspect import Attendance
from chatapp.rooms.commands import Command, Join, Member
from chatapp.rooms.events import Record, Signal
from chatapp.rooms.messages.tail import Tail


class MarkRead(Command, frozen=True, kw_only=True):
    member: Member
    seq: int


class ReadAt(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    seq: int


class ReadMoved(Signal, frozen=True, kw_only=True):
    """A person's read cursor moved."""

    user_id: str
    seq: int

    @property
    def only_for(self) -> str:
        return self.user_id


class ReadRecord(Record, frozen=True, kw_only=True):
    room_id: str
    user_id: str
    seq: int
    at: int


class ReadsOf(Question, frozen=True, kw_only=True):
    """How far these people have read: a mapping of user ids to seqs, without those who have read nothing."""

    user_ids: Sequence[str]


class Cursors:
    def __init__(self, room_id: str, flush_ms: int) -> None:
        self._room_id = room_id
        self._flush_ms = flush_ms
        self._seqs: dict[str, int] = {}
        self._moved_at: dict[str, int] = {}  # those that are not stored yet
        self.deadline_ms: int | None = None

    def __contains__(self, user_id: str) -> bool:
        return user_id in self._seqs

    def of(self, user_id: str) -> int:
        return self._seqs.get(user_id, 0)

    def learn(self, seqs: Mapping[str, int]) -> None:
        self._seqs.update(seqs)

    def move(self, user_id: str, seq: int, now_ms: int) -> bool:
        """The highest wins; False if it did not move."""
        if seq <= self.of(user_id):
            return False
        self._seqs[user_id] = seq
        self._moved_at[user_id] = now_ms
        if self.deadline_ms is None:
            self.deadline_ms = now_ms + self._flush_ms
        return True

    def hasten(self, user_ids: Iterable[str]) -> None:
        """These people have gone, or are about to: store theirs now."""
        if any(user_id in self._moved_at for user_id in user_ids):
            self.deadline_ms = 0

    def forget(self, user_ids: Iterable[str]) -> None:
        for user_id in user_ids:
            self._seqs.pop(user_id, None)

    def take_due(self, now_ms: int, *, is_last: bool) -> list[ReadRecord]:
        if self.deadline_ms is None or not (is_last or now_ms >= self.deadline_ms):
            return []
        due = [
            ReadRecord(room_id=self._room_id, user_id=user_id, seq=self._seqs[user_id], at=at)
            for user_id, at in self._moved_at.items()
        ]
        self._moved_at.clear()
        self.deadline_ms = None
        return due


class Reading(TurnAspect):
    answers = (ReadAt,)
    asks_about = frozenset({Join, MarkRead})

    def __init__(self, waking: Waking, attendance: Attendance, tail: Tail) -> None:
        self._attendance = attendance
        self._tail = tail
        self._cursors = Cursors(waking.room_id, waking.rules.read_flush_ms)
        self._departed: Set[str] = frozenset()  # in the last batch, whose answers asked for them

    @property
    def deadline_ms(self) -> int | None:
        return self._cursors.deadline_ms

    def begin(self, now_ms: int) -> None:
        if self._departed:
            self._cursors.forget(self._departed)

    def ask(self, commands: Sequence[Command]) -> list[Question]:
        readers = dict.fromkeys(c.member.user_id for c in commands if isinstance(c, Join | MarkRead))
        unknown = tuple(user_id for user_id in readers if user_id not in self._cursors)
        return [ReadsOf(user_ids=unknown)] if unknown else []

    def learn(self, found: Found) -> None:
        for question, answer in found:
            if isinstance(question, ReadsOf):
                self._cursors.learn({user_id: answer.get(user_id, 0) for user_id in question.user_ids})

    def finish(self, turn: Turn, *, is_last: bool) -> None:
        self._departed = self._attendance.departed
        if self._cursors.deadline_ms is not None:
            self._cursors.hasten(self._departed | self._attendance.parting)
            for record in self._cursors.take_due(turn.now_ms, is_last=is_last):
                turn.record(record)

    def read_by(self, user_id: str) -> int:
        return self._cursors.of(user_id)

    def mark_read(self, command: MarkRead, turn: Turn) -> ReadAt:
        user_id = self._attendance.session_of(command.member).user_id

        if self._cursors.move(user_id, min(command.seq, self._tail.head), turn.now_ms):
            turn.signal(ReadMoved(user_id=user_id, seq=self._cursors.of(user_id)))
        return ReadAt(seq=self._cursors.of(user_id))

    handles: ClassVar[Handlers] = {MarkRead: mark_read}
