"""The database in memory, as the kernel sees it: leases with epochs, fenced commits, nodes.

``FakeDatabase`` is the truth, shared by all nodes, and changes one step at a time.
``FakeStorage`` is one node's way there. What that way does to an operation is its ``Fate``:
late to arrive, late to answer, failed, or in doubt (done, yet answered as if not; or not done).
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from chatapp.errors import ChatError, OwnerUnavailable, RoomNotFound
from chatapp.kernel.ports import (
    Acquired,
    Done,
    Heartbeat,
    Lease,
    Outcome,
    OwnedElsewhere,
    RoomWrite,
    Scheduler,
)

YEAR_2026_MS = 1_767_225_600_000


class NodeState(IntEnum):
    LIVE = 1
    DRAINING = 2
    DEAD = 3


@dataclass
class NodeRow:
    """``renewed_at`` is in seconds of a clock that only goes forward: what others can wait by."""

    lease_until: int
    renewed_at: float = 0.0
    state: NodeState = NodeState.LIVE


@dataclass(frozen=True)
class LogRow:
    epoch: int
    event: Any


@dataclass
class RoomRow:
    stream_id: str
    owner_id: str | None = None
    epoch: int = 0
    last_seq: int = 0
    last_at: int = 0
    log: list[LogRow] = field(default_factory=list)
    records: list[Any] = field(default_factory=list)
    state: Any = None  # of whoever stores more than a log: see ``store``


class FakeDatabase:
    """``is_fenced`` and ``is_unique`` off make a broken database, to show that a checker notices."""

    def __init__(
        self,
        scheduler: Scheduler,
        *,
        lease_seconds: float = 5.0,
        read: Callable[[RoomRow, Any], Any] = lambda row, need: None,
        remember: Callable[[RoomRow], Any] = lambda row: list(row.records),
        refuses: Callable[[Any], bool] = lambda event: False,
        store: Callable[[RoomRow, RoomWrite], None] = lambda row, write: None,
        is_fenced: bool = True,
        is_unique: bool = True,
    ) -> None:
        self.nodes: dict[str, NodeRow] = {}
        self.rooms: dict[str, RoomRow] = {}
        self.transactions: list[list[str]] = []  # the rooms of each, as they were handed over
        self.revoked_user_ids: list[str] = []
        self.gone: set[str] = set()  # whose process has ended, which can be proven
        self._scheduler = scheduler
        self._lease_ms = int(lease_seconds * 1000)
        self._read = read
        self._remember = remember
        self._refuses = refuses
        self._store = store
        self._is_fenced = is_fenced
        self._is_unique = is_unique
        self._shift_ms = 0

    def now_ms(self) -> int:
        return YEAR_2026_MS + int(self._scheduler.elapsed() * 1000) + self._shift_ms

    def set_clock(self, shift_ms: int) -> None:
        """The wall clock jumps: it is wrong by so much from now on."""
        self._shift_ms = shift_ms

    # --- nodes --------------------------------------------------------------------------

    def register(self, node_id: str) -> Heartbeat:
        self.nodes[node_id] = NodeRow(self.now_ms() + self._lease_ms)
        return self.heartbeat(node_id)

    def heartbeat(self, node_id: str) -> Heartbeat:
        row = self.nodes.get(node_id)
        is_alive = row is not None and row.state is not NodeState.DEAD
        if row is not None and is_alive:
            row.lease_until = self.now_ms() + self._lease_ms
            row.renewed_at = self._scheduler.elapsed()
        return Heartbeat(now_ms=self.now_ms(), alive=is_alive, revoked_user_ids=list(self.revoked_user_ids))

    def set_draining(self, node_id: str) -> None:
        row = self.nodes.get(node_id)
        if row is not None and row.state is NodeState.LIVE:
            row.state = NodeState.DRAINING

    def declare_dead(self, node_id: str) -> None:
        """Whether or not it is: safety must never depend on that."""
        if node_id in self.nodes:
            self.nodes[node_id].state = NodeState.DEAD

    def declare_expired(self) -> None:
        """What any node does to the others when their lease has run out.

        And only if it has seen no beat of theirs for as long: a clock that jumps kills nobody.
        """
        silent_since = self._scheduler.elapsed() - self._lease_ms / 1000
        for row in self.nodes.values():
            if row.lease_until < self.now_ms() and row.renewed_at <= silent_since:
                row.state = NodeState.DEAD

    def declare_dead_if_proven(self, node_id: str) -> bool:
        if node_id in self.gone:
            self.declare_dead(node_id)
        return node_id not in self.nodes or self.nodes[node_id].state is NodeState.DEAD

    def resign(self, node_id: str) -> None:
        for room in self.rooms.values():
            if room.owner_id == node_id:
                room.owner_id = None
        self.declare_dead(node_id)

    # --- rooms --------------------------------------------------------------------------

    def acquire(self, room_id: str, node_id: str, *, create: bool) -> Acquired:
        if room_id not in self.rooms and not create:
            raise RoomNotFound
        if node_id not in self.nodes or self.nodes[node_id].state is not NodeState.LIVE:
            raise OwnerUnavailable
        room = self.rooms.setdefault(room_id, RoomRow(stream_id=f"stream of {room_id}"))
        if room.owner_id not in (None, node_id) and self.nodes[room.owner_id].state is not NodeState.DEAD:
            raise OwnedElsewhere(room.owner_id)
        is_takeover = room.owner_id not in (None, node_id)
        room.owner_id, room.epoch = node_id, room.epoch + 1
        lease = Lease(
            room_id=room_id,
            stream_id=room.stream_id,
            node_id=node_id,
            epoch=room.epoch,
            last_seq=room.last_seq,
            last_at=room.last_at,
        )
        return Acquired(lease=lease, memory=self._remember(room), is_takeover=is_takeover)

    def release(self, lease: Lease) -> None:
        room = self.rooms[lease.room_id]
        if (room.owner_id, room.epoch) == (lease.node_id, lease.epoch):
            room.owner_id = None

    def load(self, lease: Lease, need: Any) -> Any:
        return self._read(self.rooms[lease.room_id], need)

    def commit(self, writes: Sequence[RoomWrite]) -> list[Outcome]:
        self.transactions.append([write.lease.room_id for write in writes])
        return [self._write(write) for write in writes]

    def _write(self, write: RoomWrite) -> Outcome:
        room, lease = self.rooms[write.lease.room_id], write.lease
        fence = (room.owner_id, room.epoch, room.last_seq)
        if self._is_fenced and fence != (lease.node_id, lease.epoch, write.previous_seq):
            return Outcome.STALE
        if any(self._refuses(event) for event in write.events):
            return Outcome.REFUSED
        if self._is_unique and self._has_doubles(room, write.events):
            return Outcome.DUPLICATE
        room.last_seq, room.last_at = write.last_seq, write.last_at
        room.log += [LogRow(lease.epoch, event) for event in write.events]
        room.records += write.records
        self._store(room, write)
        return Outcome.COMMITTED

    @staticmethod
    def _has_doubles(room: RoomRow, events: Sequence[Any]) -> bool:
        known = {(row.event.user_id, row.event.client_id) for row in room.log}
        new = [(event.user_id, event.client_id) for event in events]
        return len(set(new)) < len(new) or not known.isdisjoint(new)


@dataclass(frozen=True, kw_only=True)
class Fate:
    """What becomes of one operation. Times in seconds.

    ``answer`` is heard instead of the result: an exception, or an ``Outcome`` for every room of
    a commit. With it nothing has happened, unless ``happens`` says so.
    """

    before: float = 0.0
    after: float = 0.0
    answer: Any = None
    happens: bool = False


class Fates:
    """Hands out what a test planned, operation by operation, and good luck beyond that."""

    def __init__(self) -> None:
        self._planned: defaultdict[str, deque[Fate]] = defaultdict(deque)

    def plan(self, operation: str, *fates: Fate) -> None:
        self._planned[operation].extend(fates)

    def __call__(self, operation: str) -> Fate:
        planned = self._planned[operation]
        return planned.popleft() if planned else Fate()


class FakeStorage:
    """Fulfils the kernel's ``Storage`` and ``Nodes`` for one node.

    What was sent happens in the world's time, even when the sender is frozen or dead by then;
    the answer is heard in the sender's. ``answers_early`` is a broken build: it says
    "committed" before anything is.
    """

    def __init__(
        self,
        database: FakeDatabase,
        *,
        world: Scheduler,
        hub: Scheduler,
        fates: Callable[[str], Fate],
        answers_early: bool = False,
    ) -> None:
        self._database = database
        self._world = world
        self._hub = hub
        self._fates = fates
        self._answers_early = answers_early
        self.heartbeats = 0

    def acquire(self, room_id: str, *, node_id: str, create: bool, done: Done[Acquired]) -> None:
        self._perform("acquire", lambda: self._database.acquire(room_id, node_id, create=create), done)

    def release(self, lease: Lease, *, done: Done[None]) -> None:
        self._perform("release", lambda: self._database.release(lease), done)

    def load(self, lease: Lease, need: Any, *, done: Done[Any]) -> None:
        self._perform("load", lambda: self._database.load(lease, need), done)

    def commit(self, writes: Sequence[RoomWrite], *, done: Done[Sequence[Outcome]]) -> None:
        if self._answers_early:
            self._hub.call_soon(done, [Outcome.COMMITTED] * len(writes))
            self._perform("commit", lambda: self._database.commit(writes), lambda outcomes: None)
            return

        def heard(outcomes: Any) -> None:
            done([outcomes] * len(writes) if isinstance(outcomes, Outcome) else outcomes)

        self._perform("commit", lambda: self._database.commit(writes), heard)

    def register(self, node_id: str, *, done: Done[Heartbeat]) -> None:
        self._perform("register", lambda: self._database.register(node_id), done)

    def heartbeat(self, node_id: str, *, done: Done[Heartbeat]) -> None:
        self.heartbeats += 1
        self._perform("heartbeat", lambda: self._database.heartbeat(node_id), done)

    def set_draining(self, node_id: str, *, done: Done[None]) -> None:
        self._perform("set_draining", lambda: self._database.set_draining(node_id), done)

    def declare_dead_if_proven(self, node_id: str, *, done: Done[bool]) -> None:
        self._perform("declare_dead_if_proven", lambda: self._database.declare_dead_if_proven(node_id), done)

    def resign(self, node_id: str, *, done: Done[None]) -> None:
        self._perform("resign", lambda: self._database.resign(node_id), done)

    def _perform(self, operation: str, effect: Callable[[], Any], done: Callable[[Any], None]) -> None:
        fate = self._fates(operation)

        def happen() -> None:
            answer = fate.answer
            if answer is None or fate.happens:
                try:
                    result = effect()
                except ChatError as refusal:
                    result = refusal
                answer = result if answer is None else answer
            self._hub.call_later(fate.after, done, answer)

        self._world.call_later(fate.before, happen)
