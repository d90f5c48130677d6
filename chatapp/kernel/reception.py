"""Reception: commands that other nodes have carried here, because this one owns the room.

They go into the same mailbox as everybody's, and their answers go back the way they came. A line is
taken in step or not at all (``letters``). A room that is asleep here is woken only if the database
has just named this node as its owner; else whoever spoke to it may own it as well.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from chatapp.errors import ChatError, Draining, RoomBusy
from chatapp.kernel.letters import Answered, Forward, Moved, OutOfStep
from chatapp.kernel.mailbox import Guest, Line
from chatapp.kernel.node import Node
from chatapp.kernel.ports import OwnedElsewhere, Relay

LINES_KEPT = 10_000


class Reception:
    def __init__(self, node: Node, relay: Relay) -> None:
        self._node = node
        self._relay = relay
        self._lines: OrderedDict[tuple[str, str], Line] = OrderedDict()  # by sender and room

    def receive(self, letter: Forward) -> None:
        if letter.give_up_ms <= self._node.clock.now_ms():
            return
        line = self._line(letter)
        refusal = self._refusal(letter, line)
        if refusal is not None:
            self._answer(letter, line, refusal)
            return
        line.expected += 1
        guest = Guest(letter.command, lambda answer: self._answer(letter, line, answer), line)
        try:
            self._node.receive(guest)
        except ChatError as busy:
            guest.answer(busy)

    def _line(self, letter: Forward) -> Line:
        key = _key(letter)
        line = self._lines.get(key)
        if line is None or line.number < letter.line:
            if line is not None:
                line.is_broken = True  # what is undecided of it comes again, along the new one
            line = self._lines[key] = Line(letter.line)
        self._lines.move_to_end(key)
        if len(self._lines) > LINES_KEPT:
            self._lines.popitem(last=False)
        return line

    def _refusal(self, letter: Forward, line: Line) -> Any:
        if self._node.is_draining:
            return Draining()
        if line.is_broken or (letter.line, letter.number) != (line.number, line.expected):
            return OutOfStep()
        if not letter.is_found and not self._node.is_awake(letter.command.room_id):
            return Moved()
        return None

    def _answer(self, letter: Forward, line: Line, answer: Any) -> None:
        if isinstance(answer, ChatError) and answer.retryable and not isinstance(answer, RoomBusy):
            line.is_broken = True
        if isinstance(answer, OutOfStep) and self._lines.get(_key(letter)) is not line:
            return
        if isinstance(answer, OwnedElsewhere):
            answer = Moved()
        answered = Answered(
            sender=self._node.node_id,
            room_id=letter.command.room_id,
            letter_id=letter.letter_id,
            answer=answer,
        )
        self._relay.send([letter.sender], answered)


def _key(letter: Forward) -> tuple[str, str]:
    return letter.sender, letter.command.room_id
