"""Reception: commands that other nodes have carried here, because this one owns the room.

They go into the same mailbox as everybody's, and their answers go back the way they came. A line is
taken in step or not at all (``peer_messages``). A room that is asleep here is woken only if the database
has just named this node as its owner; else whoever spoke to it may own it as well.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from chatapp.errors import ChatError, Draining, RoomBusy
from chatapp.kernel.mailbox import Guest, Line
from chatapp.kernel.node import Node
from chatapp.kernel.peer_messages import Answered, Forward, Moved, OutOfStep
from chatapp.kernel.ports import OwnedElsewhere, Relay

LINES_KEPT = 10_000


class Reception:
    def __init__(self, node: Node, relay: Relay) -> None:
        self._node = node
        self._relay = relay
        self._lines: OrderedDict[tuple[str, str], Line] = OrderedDict()  # by sender and room

    def receive(self, forward: Forward) -> None:
        if forward.give_up_ms <= self._node.clock.now_ms():
            return
        line = self._line(forward)
        refusal = self._refusal(forward, line)
        if refusal is not None:
            self._answer(forward, line, refusal)
            return
        line.expected += 1
        guest = Guest(forward.command, lambda answer: self._answer(forward, line, answer), line)
        try:
            self._node.receive(guest)
        except ChatError as busy:
            guest.answer(busy)

    def _line(self, forward: Forward) -> Line:
        key = _key(forward)
        line = self._lines.get(key)
        if line is None or line.number < forward.line:
            if line is not None:
                line.is_broken = True  # what is undecided of it comes again, along the new one
            line = self._lines[key] = Line(forward.line)
        self._lines.move_to_end(key)
        if len(self._lines) > LINES_KEPT:
            self._lines.popitem(last=False)
        return line

    def _refusal(self, forward: Forward, line: Line) -> Any:
        if self._node.is_draining:
            return Draining()
        if line.is_broken or (forward.line, forward.number) != (line.number, line.expected):
            return OutOfStep()
        if not forward.is_found and not self._node.is_awake(forward.command.room_id):
            return Moved()
        return None

    def _answer(self, forward: Forward, line: Line, answer: Any) -> None:
        if isinstance(answer, ChatError) and answer.retryable and not isinstance(answer, RoomBusy):
            line.is_broken = True
        if isinstance(answer, OutOfStep) and self._lines.get(_key(forward)) is not line:
            return
        if isinstance(answer, OwnedElsewhere):
            answer = Moved()
        answered = Answered(
            sender=self._node.node_id,
            room_id=forward.command.room_id,
            forward_id=forward.forward_id,
            answer=answer,
        )
        self._relay.send([forward.sender], answered)


def _key(forward: Forward) -> tuple[str, str]:
    return forward.sender, forward.command.room_id
