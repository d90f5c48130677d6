"""The room: its aspects, in their order, as the one object that the kernel keeps alive.

Commands go in; events, signals, records and answers come out. Everything else (storage, sockets,
clocks) is somebody else's. A command is checked whole before it changes anything, so a refusal
leaves nothing to undo. What time demands, and what is told once a batch, happens in ``finish``;
a ``Tick`` therefore only has to make a batch happen.

A room can be put away after any batch and woken from what is stored: nobody outside can tell.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from chatapp.kernel.durable_object import Turn
from chatapp.kernel.ports import Acquired
from chatapp.rooms.aspect import Aspect, Found, Question, TurnAspect, Waking, merged, soonest
from chatapp.rooms.attachments import Attachments
from chatapp.rooms.attendance.aspect import Attendance
from chatapp.rooms.changing import Changing
from chatapp.rooms.commands import Member, Tick
from chatapp.rooms.joining import Joining
from chatapp.rooms.messages.aspect import Messages
from chatapp.rooms.reacting import Reacting
from chatapp.rooms.reading import Reading
from chatapp.rooms.rules import RoomRules

ASPECTS: tuple[type[Aspect], ...] = (
    Attendance,
    Messages,
    Changing,
    Reacting,
    Reading,
    Attachments,
    Joining,
)
"""In this order; ``Room`` makes one of each."""

_HANDLERS = merged(
    {command: (place, method) for command, method in aspect.handles.items()}
    for place, aspect in enumerate(ASPECTS)
)
COMMANDS = tuple(_HANDLERS)
ANSWERS = tuple(answer for aspect in ASPECTS for answer in aspect.answers)
"""What the handlers return: what else a room says to somebody is a refusal."""


class Room:
    """A ``DurableObject``."""

    def __init__(
        self,
        acquired: Acquired,
        members: Sequence[Member],
        now_ms: int,
        rules: RoomRules,
        new_id: Callable[[], str],
    ) -> None:
        waking = Waking(acquired=acquired, members=members, now_ms=now_ms, rules=rules, new_id=new_id)
        attendance = Attendance(waking)
        messages = Messages(waking, attendance)
        changing = Changing(waking, attendance, messages)
        reacting = Reacting(waking, attendance, messages)
        reading = Reading(waking, attendance, messages.tail)
        attachments = Attachments(waking, attendance)
        joining = Joining(waking, attendance, messages, reacting, reading, attachments)
        aspects = (attendance, messages, changing, reacting, reading, attachments, joining)
        self.aspects: tuple[Aspect, ...] = aspects
        self._turn_aspects = [aspect for aspect in aspects if isinstance(aspect, TurnAspect)]
        self._is_new = True
        self._is_last = False

    @property
    def deadline_ms(self) -> int | None:
        deadline_ms = None
        for aspect in self._turn_aspects:
            deadline_ms = soonest(deadline_ms, aspect.deadline_ms)
        return deadline_ms

    def need(self, commands: Sequence[Any], now_ms: int) -> Sequence[Question] | None:
        kinds = set(map(type, commands))
        questions: list[Question] = []
        for aspect in self._turn_aspects:
            aspect.begin(now_ms)
        for aspect in self._turn_aspects:
            if self._is_new or not kinds.isdisjoint(aspect.asks_about):
                questions += aspect.ask(commands)
        self._is_new = False
        return questions or None

    def learn(self, found: Found) -> None:
        for aspect in self._turn_aspects:
            aspect.learn(found)

    def handle(self, command: Any, turn: Turn) -> Any:
        handler = _HANDLERS.get(type(command))
        if handler is not None:
            place, method = handler
            return method(self.aspects[place], command, turn)
        if not isinstance(command, Tick):
            raise TypeError(f"a room is not told {type(command).__name__}")
        self._is_last = self._is_last or command.is_last
        return None

    def finish(self, turn: Turn) -> None:
        for aspect in self._turn_aspects:
            aspect.finish(turn, is_last=self._is_last)
        self._is_last = False
