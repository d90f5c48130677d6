"""Jobs that wait for a thread: whoever has waited too long is told so, and the job is never begun.

What holds the bytes may accept and not answer. Then the threads are with it, and behind them a crowd of jobs
grows that would all be done one day for people who have gone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from chatapp.errors import StorageUnavailable
from chatapp.kernel.ports import Done

State = TypeVar("State")
R = TypeVar("R")


class Waiting(Generic[State]):
    """For the hub. ``submit`` is that of the threads; a job may wait for ``seconds``."""

    def __init__(
        self,
        submit: Callable[[Callable[[State], Any], Done[Any]], None],
        *,
        seconds: float,
        elapsed: Callable[[], float],
    ) -> None:
        self._submit = submit
        self._seconds = seconds
        self._elapsed = elapsed
        self._jobs: deque[_Job[State]] = deque()

    def submit(self, job: Callable[[State], R], done: Done[R]) -> None:
        """``done`` gets ``StorageUnavailable`` where no thread came to it in time."""
        waiting = _Job(job, done, self._elapsed() + self._seconds)
        self._jobs.append(waiting)
        self._submit(waiting.run, waiting.told)

    def look(self) -> None:
        """Call it now and then: drop those that have waited too long."""
        now = self._elapsed()
        while self._jobs and (self._jobs[0].has_begun or self._jobs[0].until <= now):
            self._jobs.popleft().drop()


class _Job(Generic[State]):
    """Begun by a thread, or dropped by the hub: by whoever takes it first."""

    def __init__(self, job: Callable[[State], Any], done: Done[Any], until: float) -> None:
        self.until = until
        self._job = deque([job])  # of two who pop at once, one gets it
        self._done = done
        self._is_dropped = False

    @property
    def has_begun(self) -> bool:
        return not self._job

    def run(self, state: State) -> Any:
        try:
            job = self._job.pop()
        except IndexError:
            return None
        return job(state)

    def drop(self) -> None:
        try:
            self._job.pop()
        except IndexError:
            return
        self._is_dropped = True
        self._done(StorageUnavailable())

    def told(self, result: Any) -> None:
        if not self._is_dropped:
            self._done(result)


class Answers:
    """For the hub: whoever waits for an answer gets one within ``seconds``, if need be that there is none.

    A job that a thread has begun is not taken back. What comes of it then is for whoever kept the place.
    """

    def __init__(self, *, seconds: float, elapsed: Callable[[], float]) -> None:
        self._seconds = seconds
        self._elapsed = elapsed
        self._due: deque[_Answer] = deque()

    def first(self, done: Done[Any], late: Done[Any]) -> Done[Any]:
        """``done`` gets what comes in time, or ``StorageUnavailable``; ``late`` what comes behind that."""
        answer = _Answer(done, late, self._elapsed() + self._seconds)
        self._due.append(answer)
        return answer.give

    def look(self) -> None:
        """Call it now and then: give up those that have waited too long."""
        now = self._elapsed()
        while self._due and (self._due[0].is_given or self._due[0].until <= now):
            self._due.popleft().give_up()


class _Answer:
    def __init__(self, done: Done[Any], late: Done[Any], until: float) -> None:
        self.until = until
        self.is_given = False
        self._done = done
        self._late = late

    def give(self, result: Any) -> None:
        give, self.is_given = self._late if self.is_given else self._done, True
        give(result)

    def give_up(self) -> None:
        if not self.is_given:
            self.give(StorageUnavailable())
