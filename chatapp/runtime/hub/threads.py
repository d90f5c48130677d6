"""Real threads for what blocks, above all the database.

Jobs of one group run on its threads, each with a state of its own (an Engine, say) that no other
thread ever sees. A finished job's ``done`` runs on the hub; all that finished since the hub last
looked comes back with one wake-up. A job must not log, print, or touch a lock that eventlet has
patched: the hub may hold it, and then both stand still.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from eventlet import patcher

from chatapp.runtime.hub.hub import run_logged
from chatapp.runtime.hub.scheduler import Promise
from chatapp.runtime.hub.wakeup import Wakeup

_threading = patcher.original("threading")
_queue = patcher.original("queue")
_time = patcher.original("time")

State = TypeVar("State")
R = TypeVar("R")
_Job = tuple[Callable[[State], Any], Callable[[Any], None]]


class Threads(Generic[State]):
    """``count`` threads that take jobs in the order they were submitted.

    ``make_state`` runs on the thread before its first job; if it fails, that job fails with its
    exception and the next job tries again. ``close_state`` runs on the thread when it stops.
    """

    def __init__(
        self,
        name: str,
        count: int,
        make_state: Callable[[], State],
        close_state: Callable[[State], object] | None = None,
    ) -> None:
        self._make_state = make_state
        self._close_state = close_state
        self._jobs: Any = _queue.SimpleQueue()
        self._finished: deque[tuple[Callable[[Any], None], Any]] = deque()
        self._wakeup = Wakeup(self._hand_back)
        self._threads = [
            _threading.Thread(target=self._work, name=f"{name}-{n}", daemon=True) for n in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, job: Callable[[State], R], done: Callable[[R | BaseException], None]) -> None:
        """Call from the hub. ``done`` gets the job's result or the exception that ended it."""
        self._jobs.put((job, done))

    def call(self, job: Callable[[State], R]) -> R:
        """Block the calling greenlet, and only it, until the job is done."""
        promise: Promise[R] = Promise()
        self.submit(job, promise.resolve)
        return promise.wait()

    def stop(self, timeout_seconds: float | None = None) -> bool:
        """Finish what was submitted, then end. Blocks the hub until then; calls back what is left.

        False: after ``timeout_seconds`` some were still at it. They end with the process.
        """
        for _ in self._threads:
            self._jobs.put(None)
        ends_at = None if timeout_seconds is None else _time.monotonic() + timeout_seconds
        for thread in self._threads:
            thread.join(None if ends_at is None else max(0.0, ends_at - _time.monotonic()))
        self._hand_back()
        if any(thread.is_alive() for thread in self._threads):
            return False
        self._wakeup.close()
        return True

    def _work(self) -> None:
        state: State | None = None
        while (entry := self._jobs.get()) is not None:
            job, done = entry
            try:
                if state is None:
                    state = self._make_state()
                result = job(state)
            except BaseException as error:  # noqa: BLE001 - whoever asked is told; the thread lives on
                result = error
            self._finished.append((done, result))
            self._wakeup.ring()
        if state is not None and self._close_state is not None:
            self._close_state(state)

    def _hand_back(self) -> None:
        while self._finished:
            done, result = self._finished.popleft()
            run_logged(done, result)


def real_sleep(seconds: float) -> None:
    """Stop the calling thread. For a job on one of ``Threads``, never for the hub."""
    _time.sleep(seconds)
