"""The relay in memory: one network for all nodes, which may lose messages or be down.

Messages of one network arrive in the order in which they were sent, as they do over Redis; each
takes the time that ``delay`` says, or is lost where that is None.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from chatapp.kernel.ports import Scheduler


class FakeNetwork:
    def __init__(self, scheduler: Scheduler) -> None:
        self.is_up = True
        self.delay: Callable[[], float | None] = lambda: 0.0
        self.sent: list[tuple[str, Any]] = []  # to whom, what
        self._scheduler = scheduler
        self._listening: dict[str, FakeRelay] = {}
        self._on_the_way: deque[tuple[FakeRelay, Any]] = deque()

    def listen(self, relay: FakeRelay, node_id: str) -> None:
        self.be_deaf(relay)
        self._listening[node_id] = relay

    def be_deaf(self, relay: FakeRelay) -> None:
        """Its process is gone, or its connection."""
        self._listening = {name: each for name, each in self._listening.items() if each is not relay}

    @property
    def node_ids(self) -> Sequence[str]:
        return list(self._listening)

    def carry(self, node_id: str, peer_message: Any) -> bool:
        """True if somebody listens there."""
        self.sent.append((node_id, peer_message))
        receiver = self._listening.get(node_id) if self.is_up else None
        if receiver is None:
            return False
        delay = self.delay()
        if delay is not None:
            self._on_the_way.append((receiver, peer_message))
            self._scheduler.call_later(delay, self._arrive)
        return True

    def _arrive(self) -> None:
        receiver, peer_message = self._on_the_way.popleft()
        receiver.hub.call_soon(receiver.on_peer_message, peer_message)


class FakeRelay:
    """Fulfils the kernel's ``Relay`` for one process."""

    def __init__(self, network: FakeNetwork, hub: Scheduler) -> None:
        self.hub = hub
        self.on_peer_message: Callable[[Any], object] = lambda peer_message: None
        self._network = network

    @property
    def is_up(self) -> bool:
        return self._network.is_up

    def listen(self, node_id: str) -> None:
        self._network.listen(self, node_id)

    def send(
        self, node_ids: Sequence[str], peer_message: Any, heard_by: Callable[[int], None] | None = None
    ) -> None:
        count = sum(self._network.carry(node_id, peer_message) for node_id in node_ids)
        if heard_by is not None:
            self.hub.call_soon(heard_by, count)

    def send_to_all(self, peer_message: Any) -> None:
        for node_id in self._network.node_ids:
            self._network.carry(node_id, peer_message)
