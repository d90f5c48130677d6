"""What the kernel needs from the world, as Protocols.

The kernel has no thread, no socket, no clock and no database of its own. It is handed
these, and a test that hands it others owns the schedule. Nothing here blocks: whatever
takes time gets a ``done`` callback, which is called exactly once, later, on the same
thread as everything else in the kernel, with the result or with the exception.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Protocol, TypeVar

from chatapp.errors import OwnerUnavailable

T = TypeVar("T")
Done = Callable[[T | BaseException], None]


class Timer(Protocol):
    def cancel(self) -> None: ...


class Scheduler(Protocol):
    """The turn-taker. Callbacks run one after the other, never inside the caller."""

    def call_soon(self, callback: Callable[..., object], *args: object) -> None: ...

    def call_later(self, seconds: float, callback: Callable[..., object], *args: object) -> Timer: ...

    def elapsed(self) -> float:
        """Seconds on a clock that only goes forward, also while the machine sleeps."""
        ...


class Clock(Protocol):
    def now_ms(self) -> int:
        """Milliseconds since 1970 by the database's clock."""
        ...


class OwnedElsewhere(OwnerUnavailable):
    """Another node owns the room; on the wire an ``owner_unavailable`` like any other."""

    def __init__(self, owner_id: str) -> None:
        super().__init__()
        self.owner_id = owner_id


# --- what travels -------------------------------------------------------------------------


class Command(Protocol):
    """Something said to one room."""

    @property
    def room_id(self) -> str: ...

    @property
    def creates(self) -> bool:
        """True if a room that does not exist yet comes into being by this command."""
        ...

    def repeated(self) -> Command:
        """The same, said again: the room has perhaps heard it already."""
        ...


Reply = Callable[[Any], None]
"""Takes the answer to a command: its result, or the ``ChatError`` that refused it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to act for a room, as the database granted it."""

    room_id: str
    stream_id: str
    node_id: str
    epoch: int
    last_seq: int
    last_at: int  # ts of the newest event in ms; 0 in an empty room


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquired:
    """A lease, with what the room had put down before it was last put to sleep.

    ``was_released`` says that the last owner gave the lease back. Otherwise it was dropped or died,
    and what it was about to tell may be untold. ``is_takeover`` says that it was another node, and died.
    ``listening`` are the other live nodes on which the room has members.
    """

    lease: Lease
    memory: Any
    was_released: bool = False
    is_takeover: bool = False
    listening: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomWrite:
    """One room's part of a commit: stored wholly or not at all, if the epoch still counts.

    Without events ``last_seq == previous_seq``: the fence holds for records as well.
    """

    lease: Lease
    previous_seq: int
    last_seq: int
    last_at: int
    events: Sequence[Any] = field(default_factory=tuple)
    records: Sequence[Any] = field(default_factory=tuple)


class Outcome(Enum):
    """What became of one ``RoomWrite``."""

    COMMITTED = auto()
    STALE = auto()  # the fence held it back: somebody else owns the room now
    DUPLICATE = auto()  # a client id was in the log already: look the ids up and decide again
    OUTDATED = auto()  # what it was decided from has changed meanwhile: read it and decide again
    REFUSED = auto()  # the database does not accept one of the rows
    UNAVAILABLE = auto()  # rolled back before COMMIT was sent: certainly not stored
    FULL = auto()  # no room on the disk: certainly not stored
    IN_DOUBT = auto()  # COMMIT was sent and did not answer: nobody knows

    @property
    def word(self) -> str:
        return self.name.lower()


DROP_REASONS = (
    *(outcome.word for outcome in Outcome if outcome is not Outcome.COMMITTED),
    *("bug", "read", "self_fence", "owner_moved"),
)
"""Why a memory is thrown away: what became of its write, or what else made it doubtful."""


# --- the world ----------------------------------------------------------------------------


class Storage(Protocol):
    """The database as a room's owner uses it."""

    def acquire(self, room_id: str, *, node_id: str, create: bool, done: Done[Acquired]) -> None:
        """Take the room's lease, with a higher epoch.

        Fails with ``RoomNotFound`` (and ``create`` is False), ``OwnedElsewhere`` (a live node owns
        it), ``OwnerUnavailable`` (this node may own nothing, or was too slow), ``StorageUnavailable``
        or ``StorageFull``.
        """
        ...

    def release(self, lease: Lease, *, done: Done[None]) -> None:
        """Give the lease back, if the epoch still counts."""
        ...

    def load(self, lease: Lease, need: Any, *, done: Done[Any]) -> None:
        """Read what a room needs before it can decide; ``need`` and the result are the room's."""
        ...

    def commit(self, writes: Sequence[RoomWrite], *, done: Done[Sequence[Outcome]]) -> None:
        """Store all writes in one transaction; one outcome for each, in their order."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """What a good heartbeat brings back."""

    now_ms: int  # the database's clock
    alive: bool  # False: this node was declared dead
    revoked_user_ids: Sequence[str] = ()  # signed out within the last 30 s
    dead_node_ids: Sequence[str] = ()  # other nodes that are dead since the last beat


class Nodes(Protocol):
    """The table of nodes, as one of them uses it."""

    def register(self, node_id: str, *, done: Done[Heartbeat]) -> None: ...

    def heartbeat(self, node_id: str, *, done: Done[Heartbeat]) -> None: ...

    def set_draining(self, node_id: str, *, done: Done[None]) -> None: ...

    def declare_dead_if_proven(self, node_id: str, *, done: Done[bool]) -> None:
        """Declare another node dead if that can be proven. True: it is dead, be it by now or before."""
        ...

    def resign(self, node_id: str, *, done: Done[None]) -> None:
        """Release every lease of this node and mark it dead."""
        ...


class Audience(Protocol):
    """Everybody who listens to a room: on this node, and by way of it on the others."""

    def open(self, room_id: str, listening: Sequence[str]) -> None:
        """The room wakes here, and these other nodes have members of it."""
        ...

    def close(self, room_id: str) -> None:
        """The room is no longer awake here: whoever owns it next speaks to the other nodes."""
        ...

    def deliver(self, room_id: str, epoch: int, broadcasts: Sequence[Any]) -> None:
        """Hand events and signals to all members, in this order."""
        ...

    def announce(self, room_id: str, epoch: int, head: int) -> None:
        """Say where the log ends, so that what was committed unseen is repaired."""
        ...

    def enter(self, room_id: str, member: Any, head: int) -> None:
        """From now on the member hears the room; it has seen everything up to ``head``."""
        ...

    def leave(self, room_id: str, member: Any) -> None: ...

    def members(self, room_id: str) -> Sequence[Any]:
        """Those on this node."""
        ...


class Relay(Protocol):
    """Carries messages between nodes: at most once, in the order of sending, and at times not at all."""

    @property
    def is_up(self) -> bool: ...

    def listen(self, node_id: str) -> None:
        """Be reachable under this id, and under no other."""
        ...

    def send(
        self, node_ids: Sequence[str], peer_message: Any, heard_by: Callable[[int], None] | None = None
    ) -> None:
        """``heard_by`` is told later, once, how many of these nodes were listening; 0 if nobody knows."""
        ...

    def send_to_all(self, peer_message: Any) -> None:
        """To every node that listens, this one included."""
        ...


class Meter(Protocol):
    """Is told what happened, for whoever counts. Times in seconds."""

    def woke(self, seconds: float, *, is_takeover: bool) -> None: ...

    def hibernated(self) -> None: ...

    def judged(self, *, is_dead: bool) -> None:
        """A suspected owner was looked at: dead, which is proven, or not."""
        ...

    def dropped(self, reason: str) -> None: ...

    def committed(self, *, rooms: int, events: int, seconds: float) -> None: ...

    def not_stored(self, outcome: str) -> None:
        """One room's part of a commit; ``stale`` was held back by the fence."""
        ...
