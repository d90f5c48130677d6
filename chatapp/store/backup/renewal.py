"""What must change in a database that was brought back from a backup.

A backup is older than what people have seen. The log goes on from where it stood then, so numbers
that were given once are given again, to other messages; a client that trusted its cursor would take
the one for the other. A new stream id tells it that this is another log: it shows what it has, a
gap, and what is here. Nobody who owned a room when the backup was made is alive.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

from sqlalchemy import BindParameter, Connection, bindparam, select, update

from chatapp.store.database.engine import open_database
from chatapp.store.models import DEAD, nodes, room_leases
from chatapp.store.nodes.proof import SecondNodeRefused, proof_of_death

PAGE_ROOMS = 1000

_lease = room_leases.c
_after: BindParameter[str] = bindparam("after")

ROOMS = select(_lease.room_id).where(_lease.room_id > _after).order_by(_lease.room_id).limit(PAGE_ROOMS)
RENEW = (
    update(room_leases)
    .where(_lease.room_id == bindparam("room"))
    .values(stream_id=bindparam("stream"), owner_id=None)
)
ALL_DEAD = update(nodes).values(state=DEAD)


NODE_RUNNING = "A web node is running on this database: stop every node first."


class NodeRunning(Exception):
    """A web node is at work on this database; the message is a sentence."""


def renew_streams(database_url: str) -> int:
    """Give every room's log a new stream id, all or none, and say how many. Raises ``NodeRunning``."""
    database = open_database(database_url)
    proof = proof_of_death(database, database_url, must_be_alone=True)
    try:
        with database.writing() as connection:
            proof.hold(connection, "restore")
            connection.execute(ALL_DEAD)
            return sum(_renew(connection, page) for page in _pages(connection))
    except SecondNodeRefused:
        raise NodeRunning(NODE_RUNNING) from None
    finally:
        database.close()  # and with it the proof


def _pages(connection: Connection) -> Iterator[list[str]]:
    after = ""
    while page := list(connection.scalars(ROOMS, {"after": after})):
        yield page
        after = page[-1]


def _renew(connection: Connection, room_ids: list[str]) -> int:
    connection.execute(RENEW, [{"room": room_id, "stream": str(uuid4())} for room_id in room_ids])
    return len(room_ids)
