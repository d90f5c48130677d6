"""Inbound: commands that other nodes have forwarded here, because this one owns the room.

They go into the same mailbox as everybody's, and their answers go back the way they came. A forward
sequence is taken in step or not at all (``peer_messages``). A room that is asleep here is woken only
if the database has just named this node as its owner; else whoever spoke to it may own it as well.
"""

from __future__ import annotations

from collections import OrderedDict
from functools import partial
from typing import Any

from chatapp.errors import ChatError, Draining, RoomBusy
from chatapp.kernel.mailbox import ForwardedEnvelope, ForwardSequence
from chatapp.kernel.node import Node
from chatapp.kernel.peer_messages import Answered, Forward, Moved, OutOfStep
from chatapp.kernel.ports import OwnedElsewhere, Relay

SEQUENCES_KEPT = 10_000


class Inbound:
    def __init__(self, node: Node, relay: Relay) -> None:
        self._node = node
        self._relay = relay
        self._sequences: OrderedDict[tuple[str, str], ForwardSequence] = OrderedDict()  # by sender and room

    def receive(self, forward: Forward) -> None:
        if forward.give_up_ms <= self._node.clock.now_ms():
            return
        sequence = self._sequence(forward)
        refusal = self._refusal(forward, sequence)
        if refusal is not None:
            self._answer(forward, sequence, refusal)
            return
        sequence.next_number += 1
        envelope = ForwardedEnvelope(forward.command, partial(self._answer, forward, sequence), sequence)
        try:
            self._node.receive(envelope)
        except ChatError as busy:
            envelope.answer(busy)

    def _sequence(self, forward: Forward) -> ForwardSequence:
        key = _key(forward)
        sequence = self._sequences.get(key)
        if sequence is None or sequence.sequence_id < forward.sequence_id:
            if sequence is not None:
                sequence.is_broken = True  # what is undecided of it comes again, along the new one
            sequence = self._sequences[key] = ForwardSequence(forward.sequence_id)
        self._sequences.move_to_end(key)
        if len(self._sequences) > SEQUENCES_KEPT:
            self._sequences.popitem(last=False)
        return sequence

    def _refusal(self, forward: Forward, sequence: ForwardSequence) -> Any:
        if self._node.is_draining:
            return Draining()
        if not sequence.expects(forward.sequence_id, forward.number):
            return OutOfStep()
        if not forward.is_found and not self._node.is_awake(forward.command.room_id):
            return Moved()
        return None

    def _answer(self, forward: Forward, sequence: ForwardSequence, answer: Any) -> None:
        if isinstance(answer, ChatError) and answer.retryable and not isinstance(answer, RoomBusy):
            sequence.is_broken = True
        if isinstance(answer, OutOfStep) and self._sequences.get(_key(forward)) is not sequence:
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
