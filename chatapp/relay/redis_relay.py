"""The relay over Redis: one channel for each node, one for all, and what is published there.

Every channel's name holds the deployment's id, so that chats which share a Redis do not hear each
other: Redis' databases have no channels of their own. A node's channel holds it as a part of the
node's id, under which nodes of any version reach it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from chatapp.relay.codec import PeerMessage, decode, encode
from chatapp.relay.link import Link
from chatapp.runtime import HubScheduler

logger = logging.getLogger(__name__)


class RedisRelay:
    """Fulfils ``kernel.ports.Relay``. ``on_peer_message`` gets what others send to this node."""

    def __init__(self, url: str, scheduler: HubScheduler, deployment_id: str) -> None:
        self._everybody = f"chat:{deployment_id}:nodes".encode()
        self.on_peer_message: Callable[[PeerMessage], object] = lambda peer_message: None
        self._link = Link(url, scheduler)
        self._link.on_message = self._on_message

    def start(self, on_change: Callable[[bool], object] = lambda is_up: None) -> None:
        """``on_change`` is told whenever the relay goes up or down."""
        self._link.on_change = on_change
        self._link.start()

    def stop(self) -> None:
        self._link.stop()

    @property
    def is_up(self) -> bool:
        return self._link.is_up

    @property
    def is_refused(self) -> bool:
        """Redis answers and wants none of us, and never has since the start: somebody must mend that."""
        return self._link.is_refused

    @property
    def trouble(self) -> str | None:
        return self._link.trouble

    def listen(self, node_id: str) -> None:
        self._link.subscribe(self._everybody, _channel(node_id))

    def send(
        self, node_ids: Sequence[str], peer_message: Any, heard_by: Callable[[int], None] | None = None
    ) -> None:
        if not node_ids:
            return
        message = encode(peer_message)
        count, left = 0, len(node_ids)

        def replied(reply: Any) -> None:
            nonlocal count, left
            count, left = count + (reply if isinstance(reply, int) else 0), left - 1
            if left == 0 and heard_by is not None:
                heard_by(count)

        self._link.publish([_channel(node_id) for node_id in node_ids], message, replied)

    def send_to_all(self, peer_message: Any) -> None:
        self._link.publish([self._everybody], encode(peer_message), lambda reply: None)

    def _on_message(self, message: bytes) -> None:
        if not message:  # somebody's link has seen that it may speak
            return
        try:
            peer_message = decode(message)
        except msgspec.DecodeError:
            # Of another version, perhaps.
            logger.warning("a message of another node cannot be read")
            return
        try:
            self.on_peer_message(peer_message)
        except Exception:
            logger.exception("a bug while hearing another node")


def _channel(node_id: str) -> bytes:
    return b"chat:node:" + node_id.encode()
