"""The whole store, as one thread has it.

Everything here blocks, and belongs to the thread that made it. A web node reaches it through
``threaded``; the worker and the tests use it as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chatapp.kernel.ports import Acquired, Lease, Outcome, RoomWrite
from chatapp.rooms.aspect import Found, Question
from chatapp.store.database.engine import Database
from chatapp.store.forgetting.silence import forget_silent
from chatapp.store.leases import Leases, LeaseState
from chatapp.store.log.changes import Changes
from chatapp.store.log.history import History
from chatapp.store.log.journal import Journal
from chatapp.store.log.reactions import ReactionTable
from chatapp.store.log.search import Search
from chatapp.store.log.texts import ring
from chatapp.store.parts import Part, readers_of, writers_of
from chatapp.store.people.mentions import MentionTable
from chatapp.store.people.names import RoomNames
from chatapp.store.people.sessions import Sessions
from chatapp.store.people.users import Users
from chatapp.store.uploads.binding import UploadBinding
from chatapp.store.uploads.uploads import Uploads


class Store:
    """``history``, ``mentions``, ``reactions``, ``search``, ``sessions``, ``uploads`` and ``users`` are read.

    The methods are the kernel's.
    """

    def __init__(self, database: Database, retention_ms: int) -> None:
        self.database = database
        self.history = History(database)
        self.mentions = MentionTable(database)
        self.reactions = ReactionTable(database)
        self.search = Search(database)
        self.sessions = Sessions(database)
        self.uploads = Uploads(database)
        self.users = Users(database)
        self._leases = Leases(database)
        texts = ring(database, retention_ms)
        changes = Changes(database, texts, self.reactions)
        binding = UploadBinding(database)
        self.parts: tuple[Part, ...] = (
            self.history,
            binding,
            changes,
            self.mentions,
            self.sessions,
            RoomNames(database),
        )
        self._readers = readers_of(self.parts)
        self._journal = Journal(database, self.history, texts, writers_of(self.parts))

    def acquire(self, room_id: str, *, node_id: str, create: bool) -> Acquired:
        """``memory`` is the sessions that were present, as a tuple of ``SessionRecord``."""
        lease, last_owner = self._leases.acquire(room_id, node_id=node_id, create=create)
        memory = tuple(self.sessions.at_wake(room_id))
        elsewhere = {s.node_id for s in memory if s.node_is_live and s.node_id != node_id}
        return Acquired(
            lease=lease,
            memory=memory,
            was_released=last_owner is None,
            is_takeover=last_owner not in (None, node_id),
            listening=tuple(sorted(elsewhere)),
        )

    def release(self, lease: Lease) -> None:
        self._leases.release(lease)

    def release_and_forget(self, lease: Lease) -> None:
        """Give the room back; one in which nothing was ever said, and nobody is, is no more."""
        if self._leases.release(lease):
            with self.database.writing() as connection:
                forget_silent(connection, [lease.room_id])

    def lease_states(self, room_ids: Iterable[str]) -> list[LeaseState]:
        return self._leases.lease_states(room_ids)

    @property
    def trouble(self) -> str | None:
        """Why the last commit was not stored, in the database's words."""
        return self._journal.trouble

    def commit(self, writes: Sequence[RoomWrite]) -> list[Outcome]:
        return self._journal.commit(writes)

    def load(self, lease: Lease, questions: Sequence[Question]) -> Found:
        """Each question with its answer.

        Each is read by statements of its own. Nobody but the room writes what it asks about, and it
        waits for the answers, so they fit together. One snapshot for all would lose events: in a table that
        the alarm truncates meanwhile, an older snapshot of PostgreSQL finds nothing at all.
        """
        room_id, readers = lease.room_id, self._readers
        return [(question, readers[type(question)](room_id, question)) for question in questions]

    def close(self) -> None:
        self.database.close()
