"""What the activations of one node share: the ports, and the few words they say to their node."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from chatapp.kernel.durable_object import Awaken, Tick
from chatapp.kernel.group_commit import GroupCommit
from chatapp.kernel.mailbox import Envelope
from chatapp.kernel.ports import Audience, Clock, Meter, Scheduler, Storage


class ActivationContext(Protocol):
    @property
    def scheduler(self) -> Scheduler: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def storage(self) -> Storage: ...

    @property
    def audience(self) -> Audience: ...

    @property
    def meter(self) -> Meter: ...

    @property
    def commits(self) -> GroupCommit: ...

    @property
    def awaken(self) -> Awaken: ...

    @property
    def tick(self) -> Tick: ...

    @property
    def node_id(self) -> str: ...

    @property
    def is_trusted(self) -> bool:
        """False past the self-fence: what memory says may no longer be true."""
        ...

    def gone(self, room_id: str) -> None:
        """The room is no longer awake here."""
        ...

    def elsewhere(self, room_id: str, owner_id: str, envelopes: Sequence[Envelope]) -> None:
        """The room is another node's, and this was said to it here."""
        ...

    def again(self, room_id: str, envelopes: Sequence[Envelope], *, one_by_one: bool = False) -> None:
        """Wake the room if need be, and give these their turn before all others."""
        ...
