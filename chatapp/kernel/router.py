"""The router: finds the owner of a room and hands it what was said.

The owner is this node when the room is awake here; a room that nobody owns is woken here.
Answers come through ``reply``, exactly once, refusals included.
"""

from __future__ import annotations

from chatapp.errors import ChatError, Draining
from chatapp.kernel.mailbox import Envelope
from chatapp.kernel.node import Node
from chatapp.kernel.ports import Command, Reply


class Router:
    def __init__(self, node: Node) -> None:
        self._node = node

    @property
    def node_id(self) -> str:
        return self._node.node_id

    @property
    def is_draining(self) -> bool:
        return self._node.is_draining

    def is_awake(self, room_id: str) -> bool:
        return self._node.is_awake(room_id)

    def send(self, command: Command, reply: Reply | None = None) -> None:
        envelope = Envelope(command, reply)
        if self._node.is_draining:
            envelope.answer(Draining())
            return
        try:
            self._node.receive(envelope)
        except ChatError as refusal:
            envelope.answer(refusal)
