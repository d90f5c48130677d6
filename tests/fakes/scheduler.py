"""A scheduler that owns time: nothing happens before a test lets it happen.

Time stands still while something is due and jumps to the next due callback otherwise. With a
``Random`` the callbacks that are due run in an order it chooses, so that a seed *is* an
interleaving; without one they run first come, first served.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from random import Random

STEPS_WITHOUT_TIME = 200_000  # more than any honest test needs: somebody calls himself for ever


class FakeTimer:
    """A callback and its time; a cancelled one stays where it is and does nothing."""

    __slots__ = ("_args", "_callback", "is_cancelled")

    def __init__(self, callback: Callable[..., object], args: tuple[object, ...]) -> None:
        self.is_cancelled = False
        self._callback = callback
        self._args = args

    def cancel(self) -> None:
        self.is_cancelled = True

    def run(self) -> None:
        if not self.is_cancelled:
            self._callback(*self._args)


class FakeScheduler:
    """Fulfils the kernel's ``Scheduler``."""

    def __init__(self, random: Random | None = None) -> None:
        self._random = random
        self._elapsed = 0.0
        self._numbers = itertools.count()
        self._later: list[tuple[float, int, FakeTimer]] = []  # when, which of those first, what
        self._due: list[FakeTimer] = []
        self._steps_without_time = 0

    def elapsed(self) -> float:
        return self._elapsed

    def call_soon(self, callback: Callable[..., object], *args: object) -> None:
        self.call_later(0.0, callback, *args)

    def call_last(self, callback: Callable[[], object]) -> None:
        self.call_later(0.0, callback)

    def call_later(self, seconds: float, callback: Callable[..., object], *args: object) -> FakeTimer:
        timer = FakeTimer(callback, args)
        heapq.heappush(self._later, (self._elapsed + max(0.0, seconds), next(self._numbers), timer))
        return timer

    def run(self) -> None:
        """Run what is due now, and what becomes due by it; no time passes."""
        self.run_for(0.0)

    def run_for(self, seconds: float) -> None:
        """Let this much time pass, with everything that becomes due meanwhile."""
        end = self._elapsed + seconds
        while self._step(end):
            pass
        self._elapsed = end

    def run_until(self, condition: Callable[[], bool], *, at_most: float = 60.0) -> None:
        """Go on until the condition holds; fails when it does not within ``at_most`` seconds."""
        end = self._elapsed + at_most
        while not condition():
            assert self._step(end), f"not within {at_most} s"

    def _step(self, end: float) -> bool:
        self._collect()
        if not self._due:
            if not self._later or self._later[0][0] > end:
                return False
            self._elapsed, self._steps_without_time = self._later[0][0], 0
            self._collect()
            if not self._due:
                return True  # what was due has been cancelled
        self._steps_without_time += 1
        assert self._steps_without_time < STEPS_WITHOUT_TIME, "time stands still"
        at = self._random.randrange(len(self._due)) if self._random else 0
        self._due.pop(at).run()
        return True

    def _collect(self) -> None:
        while self._later and self._later[0][0] <= self._elapsed:
            _, _, timer = heapq.heappop(self._later)
            if not timer.is_cancelled:
                self._due.append(timer)


class FakeHub:
    """One process's share of the time: it can be frozen for a while, or killed for good.

    A frozen process runs late what fell due meanwhile (SIGSTOP); a killed one never does.
    """

    def __init__(self, world: FakeScheduler) -> None:
        self._world = world
        self._frozen_until = 0.0
        self.is_killed = False
        self.was_frozen = False

    def elapsed(self) -> float:
        return self._world.elapsed()

    def freeze(self, seconds: float) -> None:
        self.was_frozen = True
        self._frozen_until = max(self._frozen_until, self.elapsed() + seconds)

    def kill(self) -> None:
        self.is_killed = True

    def call_soon(self, callback: Callable[..., object], *args: object) -> None:
        self.call_later(0.0, callback, *args)

    def call_last(self, callback: Callable[[], object]) -> None:
        self.call_later(0.0, callback)

    def call_later(self, seconds: float, callback: Callable[..., object], *args: object) -> FakeTimer:
        timer = FakeTimer(callback, args)
        self._world.call_later(seconds, self._run, timer)
        return timer

    def _run(self, timer: FakeTimer) -> None:
        if self.is_killed:
            return
        late = self._frozen_until - self.elapsed()
        if late > 0:
            self._world.call_later(late, self._run, timer)
        else:
            timer.run()
