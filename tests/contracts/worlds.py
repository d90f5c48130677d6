"""The store three times over: in memory, on SQLite, on PostgreSQL; as any number of nodes use it.

What a contract test may touch is here and no more, so that a test that passes on the fake says
something about the databases, and the other way round.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any, Protocol

from sqlalchemy import Connection, select, update

from chatapp.kernel.ports import Acquired, Heartbeat, Lease, Outcome, RoomWrite
from chatapp.rooms.events import RoomEvent
from chatapp.store.database.engine import DAY_MS, open_database
from chatapp.store.log.told import EVENT, stored_event
from chatapp.store.models import DEAD, LIVING, events, nodes
from chatapp.store.nodes.nodes import NodeTable
from chatapp.store.store import Store
from tests.fakes.scheduler import FakeScheduler
from tests.fakes.storage import FakeDatabase

_numbers = count(1)

UNSTORABLE = "\ud800"  # half a character: no database takes it


def is_unstorable(event: RoomEvent) -> bool:
    return UNSTORABLE in event.user_name


class NoProof:
    """Nobody can be proven dead, and any number of nodes may live on one database."""

    def hold(self, connection: Connection, node_id: str) -> None:
        pass

    def is_dead(self, connection: Connection, node_id: str) -> bool:
        return False

    def let_go(self, connection: Connection) -> None:
        pass


class World(Protocol):
    def node(self) -> str:
        """A new node, registered."""
        ...

    def heartbeat(self, node_id: str) -> Heartbeat: ...

    def set_draining(self, node_id: str) -> None: ...

    def resign(self, node_id: str) -> None: ...

    def declare_dead(self, node_id: str) -> None: ...

    def acquire(self, room_id: str, node_id: str, *, create: bool = True) -> Acquired: ...

    def release(self, lease: Lease) -> None: ...

    def commit(self, writes: Sequence[RoomWrite]) -> list[Outcome]: ...

    def log(self, room_id: str) -> list[tuple[int, RoomEvent]]:
        """All rows of a log that have their content, with their epochs, in order of seq."""
        ...


class FakeWorld:
    def __init__(self) -> None:
        self._database = FakeDatabase(FakeScheduler(), refuses=is_unstorable)

    def node(self) -> str:
        node_id = f"node {next(_numbers)}"
        self._database.register(node_id)
        return node_id

    def acquire(self, room_id: str, node_id: str, *, create: bool = True) -> Acquired:
        return self._database.acquire(room_id, node_id, create=create)

    def log(self, room_id: str) -> list[tuple[int, RoomEvent]]:
        room = self._database.rooms.get(room_id)
        return [] if room is None else [(row.epoch, row.event) for row in room.log]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)


class DatabaseWorld:
    def __init__(self, url: str) -> None:
        self.store = Store(open_database(url), DAY_MS)
        self.nodes_database = open_database(url)
        self.nodes = NodeTable(
            self.nodes_database, NoProof(), lease_ms=5000, elapsed=lambda: 0.0, is_fast_detection=False
        )

    def node(self) -> str:
        node_id = f"node {next(_numbers)}"
        self.nodes.register(node_id)
        return node_id

    def heartbeat(self, node_id: str) -> Heartbeat:
        return self.nodes.heartbeat(node_id)

    def set_draining(self, node_id: str) -> None:
        self.nodes.set_draining(node_id)

    def resign(self, node_id: str) -> None:
        self.nodes.resign(node_id)

    def declare_dead(self, node_id: str) -> None:
        with self.store.database.writing() as connection:
            connection.execute(update(nodes).where(nodes.c.node_id == node_id).values(state=DEAD))

    def acquire(self, room_id: str, node_id: str, *, create: bool = True) -> Acquired:
        return self.store.acquire(room_id, node_id=node_id, create=create)

    def release(self, lease: Lease) -> None:
        self.store.release(lease)

    def commit(self, writes: Sequence[RoomWrite]) -> list[Outcome]:
        return self.store.commit(writes)

    def log(self, room_id: str) -> list[tuple[int, RoomEvent]]:
        query = select(*EVENT, events.c.epoch).where(events.c.room_id == room_id, events.c.gone == LIVING)
        with self.store.database.reading() as connection:
            rows = connection.execute(query.order_by(events.c.seq)).all()
        return [(row.epoch, said) for row in rows if (said := stored_event(row[:-1])) is not None]

    def close(self) -> None:
        self.store.close()
        self.nodes_database.close()


def event(room_id: str, seq: int, **more: Any) -> RoomEvent:
    number = next(_numbers)
    return RoomEvent(
        **{
            "room_id": room_id,
            "seq": seq,
            "type": "message",
            "id": f"id {number}",
            "ts": 1_000_000 + seq,
            "user_id": "u_ana",
            "user_name": "Ana",
            "client_id": f"client {number}",
            "body": b'{"content":"hi"}',
            "content_hash": b"sixteen bytes...",
            **more,
        }
    )


def write(lease: Lease, *said: RoomEvent, after: int | None = None, records: Sequence[Any] = ()) -> RoomWrite:
    previous = lease.last_seq if after is None else after
    return RoomWrite(
        lease=lease,
        previous_seq=previous,
        last_seq=previous + len(said),
        last_at=said[-1].ts if said else lease.last_at,
        events=said,
        records=records,
    )
