"""Files as the hub sees them: nothing here waits, every answer comes later.

Each thread has a connection to the database and a way to the bytes of its own. Bytes that go out are fetched
by threads that need no database: those who send files hold up nobody who loads one, nor the reverse. What
holds the bytes may accept and not answer, and then all of them are with it: so what is asked of the database
alone has another thread, and nobody waits for ever. They do not log: an outage of what holds the bytes is
told here, one line when it begins and one when it is over; one of the database is the store's to tell.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from chatapp.errors import StorageUnavailable
from chatapp.files.observed import ObservedObjects
from chatapp.files.port import Objects
from chatapp.files.waiting import Answers, Waiting
from chatapp.kernel.ports import Done
from chatapp.outages import Outage
from chatapp.runtime import Promise, Threads, boottime
from chatapp.store.database.databases import Databases
from chatapp.store.database.failures import naming_outages
from chatapp.store.store import Store

R = TypeVar("R")
S = TypeVar("S")

THREADS = 4
FETCHERS = 4  # a bucket takes some 30 ms for 256 KiB, so 30 MiB/s come of four
BEGIN_SECONDS = 10.0  # a job that no thread has come to by then is dropped
ANSWER_SECONDS = 20.0  # as long as one request to what holds the bytes may take, and some

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class FileState:
    """What a thread has."""

    store: Store
    objects: ObservedObjects


class ThreadedFiles:
    """Make it on the hub, before the first turn. ``open_objects`` is called here, once for each thread."""

    def __init__(
        self,
        *,
        database_url: str,
        retention_ms: int,
        open_objects: Callable[[], Objects],
        threads: int = THREADS,
        fetchers: int = FETCHERS,
        begin_seconds: float = BEGIN_SECONDS,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._databases = Databases(database_url, threads + 1)
        for database in self._databases:
            database.be_hasty()  # how far a file has come is worth no wait for the disk
        for_rows, *for_files = self._databases
        states = [
            FileState(Store(database, retention_ms), ObservedObjects(open_objects()))
            for database in for_files
        ]
        rows = Store(for_rows, retention_ms)
        ways_out = [ObservedObjects(open_objects()) for _ in range(fetchers)]
        self._answer_seconds = answer_seconds
        self._outage = Outage("What holds the bytes of files", logger, boottime)
        self._threads = Threads("files", threads, states.pop)
        self._fetchers = Threads("bytes of files", fetchers, ways_out.pop)
        self._rows = Threads("rows of files", 1, lambda: rows)
        self._waiting = Waiting(self._threads.submit, seconds=begin_seconds, elapsed=boottime)
        self._waiting_to_fetch = Waiting(self._fetchers.submit, seconds=begin_seconds, elapsed=boottime)
        self._answers = Answers(seconds=answer_seconds, elapsed=boottime)
        self._databases.watch(self._waiting.look, self._waiting_to_fetch.look, self._answers.look)

    def submit(self, job: Callable[[FileState], R], done: Done[R]) -> None:
        """Run ``job`` on one of the threads; an outage is a ``ChatError``, and so is that none has time."""
        seen: list[str | None] = []
        self._waiting.submit(
            lambda state: _run(job, state, state.objects, seen), lambda result: self._told(seen, result, done)
        )

    def submit_in_time(self, job: Callable[[FileState], R], done: Done[R], late: Done[R]) -> None:
        """The same for somebody who waits: ``StorageUnavailable`` where there is no answer in time.

        The job may yet be done: what comes of it then, ``late`` gets.
        """
        self.submit(job, self._answers.first(done, late))

    def fetch(self, name: str, start: int, end: int, done: Done[bytes]) -> None:
        """Bytes of an object, as ``Objects.get`` has them; an outage is a ``ChatError`` here too."""
        seen: list[str | None] = []
        self._waiting_to_fetch.submit(
            lambda objects: _run(lambda of: of.get(name, start, end), objects, objects, seen),
            lambda result: self._told(seen, result, done),
        )

    def _told(self, seen: list[str | None], result: R | BaseException, done: Done[R]) -> None:
        for trouble in seen:
            if trouble is None:
                self._outage.worked()
            else:
                self._outage.failed(trouble)
        done(result)

    def call(self, job: Callable[[FileState], R]) -> R:
        """The same for a greenlet that may wait; raises what the job raised.

        Raises ``StorageUnavailable`` where there is no answer in time: the job may yet be done.
        """
        promise: Promise[R] = Promise()
        self.submit(job, promise.resolve)
        return self._answer(promise)

    def look_up(self, job: Callable[[Store], R], done: Done[R]) -> None:
        """As ``submit``, for what the database alone can answer."""
        self._rows.submit(naming_outages(job), done)

    def ask(self, job: Callable[[Store], R]) -> R:
        """As ``call``, for what the database alone can answer."""
        promise: Promise[R] = Promise()
        self.look_up(job, promise.resolve)
        return self._answer(promise)

    def _answer(self, promise: Promise[R]) -> R:
        try:
            return promise.wait(self._answer_seconds)
        except TimeoutError:
            raise StorageUnavailable from None

    def stop(self) -> None:
        """Finish what was asked, then close. Blocks, not longer than 1.5 s; call it last."""
        self._databases.stop(self._rows, self._fetchers, self._threads)


def _run(job: Callable[[S], R], state: S, objects: ObservedObjects, seen: list[str | None]) -> R:
    try:
        return naming_outages(job)(state)
    finally:
        seen += objects.seen()
