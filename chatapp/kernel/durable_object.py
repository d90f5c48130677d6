"""What the kernel keeps alive: an object that gets one turn at a time.

The object decides; it never waits, reads a clock, or touches storage or sockets. The kernel
asks it what it must know (``need``), tells it (``learn``), gives it the commands of one batch
(``handle`` for each, then ``finish``), commits what the turn collected, and lets the effects
out after the COMMIT. An object whose commit failed is thrown away, never repaired.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from chatapp.kernel.ports import Acquired


class Deferred:
    """An answer that is made at the end of the batch, when everything in it is decided."""

    __slots__ = ("make",)

    def __init__(self, make: Callable[[], Any]) -> None:
        self.make = make


class Turn:
    """What one batch wants done; nothing of it happens before its COMMIT."""

    __slots__ = ("broadcasts", "entrances", "events", "exits", "now_ms", "records")

    def __init__(self, now_ms: int) -> None:
        self.now_ms = now_ms
        self.events: list[Any] = []
        self.records: list[Any] = []
        self.broadcasts: list[Any] = []
        self.entrances: list[Any] = []
        self.exits: list[Any] = []

    def log(self, event: Any, told: Any = None) -> None:
        """Store an event (it has the next ``seq``) and tell everybody, of it or in other words."""
        self.events.append(event)
        self.broadcasts.append(event if told is None else told)

    def signal(self, signal: Any) -> None:
        """Tell everybody who listens when the batch is stored."""
        self.broadcasts.append(signal)

    def record(self, record: Any) -> None:
        """Store something beside the log, under the same fence."""
        self.records.append(record)

    def admit(self, member: Any) -> None:
        """Let a member hear the room, from behind this batch on."""
        self.entrances.append(member)

    def dismiss(self, member: Any) -> None:
        """Let a member hear nothing more; it does not hear this batch either."""
        if member in self.entrances:
            self.entrances.remove(member)
        self.exits.append(member)


class DurableObject(Protocol):
    @property
    def deadline_ms(self) -> int | None:
        """When it wants a tick (ms, database clock); None: it may sleep for ever."""
        ...

    def need(self, commands: Sequence[Any], now_ms: int) -> Any | None:
        """What must be read before these commands can be decided; None: nothing."""
        ...

    def learn(self, found: Any) -> None:
        """Here is what ``need`` asked for."""
        ...

    def handle(self, command: Any, turn: Turn) -> Any:
        """Check, then change, then say what happened; the result is the answer (or ``Deferred``).

        Raises ``ChatError`` to refuse, before anything was changed.
        """
        ...

    def finish(self, turn: Turn) -> None:
        """The batch's commands are all decided: add what is said once a batch."""
        ...


Awaken = Callable[[Acquired, Sequence[Any], int], DurableObject]
"""Makes the object from its storage, its members on this node, and the time (ms)."""


class Tick(Protocol):
    """Makes the command that tells a room its deadline is due.

    ``is_last`` says that the node is about to stop: store now what was kept back.
    """

    def __call__(self, room_id: str, *, is_last: bool) -> Any: ...
