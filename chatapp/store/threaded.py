"""The store as the hub sees it: nothing here waits, every answer comes later through ``done``.

The journal, the heartbeat, the readers and the scanner have threads and connections of their own, so
that a slow page of history delays no commit, a slow commit no heartbeat, and a search nobody. Leases are
taken and given back on the readers' connections: a wake must not queue behind the commits of others.
These threads do not log.

An outage of the database arrives as ``StorageUnavailable`` or ``StorageFull``, and is told here: one
line when it begins, in the database's own words, and one when it is over. So whoever is refused
because of it says nothing more.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from chatapp.errors import StorageFull, StorageUnavailable
from chatapp.kernel.ports import Acquired, Done, Heartbeat, Lease, Outcome, RoomWrite
from chatapp.outages import Outage
from chatapp.rooms.aspect import Found, Question
from chatapp.rooms.messages.uploads import UploadsKept
from chatapp.runtime import Promise, Threads, boottime
from chatapp.store.database.databases import CALL_DEADLINE_SECONDS, Databases
from chatapp.store.database.failures import in_its_words, naming_outages
from chatapp.store.nodes.nodes import NodeTable
from chatapp.store.nodes.proof import proof_of_death
from chatapp.store.store import Store

R = TypeVar("R")

READERS = 3

logger = logging.getLogger(__name__)


class ThreadedStore:
    """Fulfils the kernel's ``Storage`` and ``Nodes``. Make it on the hub, before the first turn.

    ``on_files_let_go`` is told on the hub when messages have let go of files.
    """

    def __init__(
        self,
        *,
        database_url: str,
        lease_ms: int,
        must_be_alone: bool,
        retention_ms: int,
        is_fast_detection: bool = True,
        readers: int = READERS,
        call_deadline_seconds: float = CALL_DEADLINE_SECONDS,
    ) -> None:
        self._databases = Databases(database_url, readers + 3, call_deadline_seconds=call_deadline_seconds)
        journal, heart, scanner, *others = self._databases
        self._but_the_heartbeats = (journal, scanner, *others)
        nodes = NodeTable(
            heart,
            proof_of_death(heart, database_url, must_be_alone=must_be_alone),
            lease_ms=lease_ms,
            elapsed=boottime,
            is_fast_detection=is_fast_detection,
        )
        stores = [Store(database, retention_ms) for database in others]
        self._journal_store = journal_store = Store(journal, retention_ms)
        self._outage = Outage("The database", logger, boottime)
        self._journal = Threads("journal", 1, lambda: journal_store)
        self._heart = Threads("heartbeat", 1, lambda: nodes)
        self._readers = Threads("reader", readers, stores.pop)
        scanner_store = Store(scanner, retention_ms)
        self._scanner = Threads("scanner", 1, lambda: scanner_store)
        self._databases.watch()
        self.on_files_let_go: Callable[[], object] = lambda: None

    # --- the kernel's Storage ---

    def acquire(self, room_id: str, *, node_id: str, create: bool, done: Done[Acquired]) -> None:
        self.read(lambda store: store.acquire(room_id, node_id=node_id, create=create), done)

    def release(self, lease: Lease, *, done: Done[None]) -> None:
        self.read(lambda store: store.release_and_forget(lease), done)

    def load(self, lease: Lease, need: Sequence[Question], *, done: Done[Found]) -> None:
        self.read(lambda store: store.load(lease, need), done)

    def commit(self, writes: Sequence[RoomWrite], *, done: Done[Sequence[Outcome]]) -> None:
        def committed(outcomes: Sequence[Outcome] | BaseException) -> None:
            trouble = self._journal_store.trouble  # nobody commits meanwhile: there is one at a time
            if trouble is None:
                self._worked()
            else:
                self._outage.failed(trouble)
            done(outcomes)
            # Of a commit in doubt nobody knows: what it let go is found by the look once a minute.
            if lets_go and not isinstance(outcomes, BaseException):
                self.on_files_let_go()

        lets_go = any(type(record) is UploadsKept for write in writes for record in write.records)
        self._journal.submit(lambda store: store.commit(writes), committed)

    # --- the kernel's Nodes ---

    def register(self, node_id: str, *, done: Done[Heartbeat]) -> None:
        self._heart.submit(naming_outages(lambda nodes: nodes.register(node_id)), self._watched(done))

    def heartbeat(self, node_id: str, *, done: Done[Heartbeat]) -> None:
        self._heart.submit(naming_outages(lambda nodes: nodes.heartbeat(node_id)), self._watched(done))

    def set_draining(self, node_id: str, *, done: Done[None]) -> None:
        self._heart.submit(naming_outages(lambda nodes: nodes.set_draining(node_id)), self._watched(done))

    def declare_dead_if_proven(self, node_id: str, *, done: Done[bool]) -> None:
        self._heart.submit(
            naming_outages(lambda nodes: nodes.declare_dead_if_proven(node_id)), self._watched(done)
        )

    def resign(self, node_id: str, *, done: Done[None]) -> None:
        self._heart.submit(naming_outages(lambda nodes: nodes.resign(node_id)), self._watched(done))

    # --- everybody else ---

    def read(self, job: Callable[[Store], R], done: Done[R]) -> None:
        """Run ``job`` on a reader's thread, with that thread's ``Store``."""
        self._readers.submit(naming_outages(job), self._watched(done))

    def scan(self, job: Callable[[Store], R], done: Done[R]) -> None:
        """The same on the one thread for what looks through many rows, and whose turn may come late."""
        self._scanner.submit(naming_outages(job), self._watched(done))

    def call(self, job: Callable[[Store], R]) -> R:
        """As ``read``, for a greenlet that may wait; raises what the job raised."""
        promise: Promise[R] = Promise()
        self.read(job, promise.resolve)
        return promise.wait()

    def _worked(self) -> None:
        if self._outage.worked():
            for database in self._but_the_heartbeats:
                database.doubt()  # on the heartbeat's is the lock that proves this node alive

    def _watched(self, done: Done[R]) -> Done[R]:
        def told(result: R | BaseException) -> None:
            if isinstance(result, StorageUnavailable | StorageFull):
                self._outage.failed(in_its_words(result.__cause__))
            elif not isinstance(result, BaseException):
                self._worked()
            done(result)

        return told

    def stop(self) -> None:
        """Finish what was asked, then close. Blocks, not longer than 1.5 s; call it last."""
        self._databases.stop(self._readers, self._scanner, self._journal, self._heart)
