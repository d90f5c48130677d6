"""The router: finds the owner of a room and hands it what was said.

The owner is this node when the room is awake here; a room that nobody owns is woken here; what is
another node's is forwarded there (``remote_rooms``), and what others forward here is
``inbound``. Answers come through ``reply``, exactly once, refusals included.
"""

from __future__ import annotations

from chatapp.errors import ChatError, Draining
from chatapp.kernel.inbound import Inbound
from chatapp.kernel.mailbox import Envelope
from chatapp.kernel.node import Node
from chatapp.kernel.peer_messages import Answered, Forward
from chatapp.kernel.ports import Command, Relay, Reply
from chatapp.kernel.remote_rooms import RemoteRooms


class Router:
    """Without a relay there are no other nodes."""

    def __init__(self, node: Node, relay: Relay | None = None) -> None:
        self._node = node
        self.remote_rooms = RemoteRooms(node, relay) if relay else None
        self._inbound = Inbound(node, relay) if relay else None
        if relay is not None:
            node.lease.on_named = relay.listen
            relay.listen(node.node_id)

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
        if self.remote_rooms is not None and self.remote_rooms.takes(envelope):
            return
        try:
            self._node.receive(envelope)
        except ChatError as refusal:
            envelope.answer(refusal)

    def mention(self, command: Command) -> None:
        """Say it only to a room that is awake here, and expect no answer."""
        self._node.mention(Envelope(command, stays=True))

    def hear(self, peer_message: Forward | Answered) -> None:
        """What another node has to say about commands."""
        if self.remote_rooms is None or self._inbound is None:
            return
        if isinstance(peer_message, Forward):
            self._inbound.receive(peer_message)
        else:
            self.remote_rooms.answered(peer_message)
