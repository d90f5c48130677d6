"""The memory bound: what a node does before the system kills it for its memory.

Over the bound everything that waits for slow readers goes first, and what was freed is given back; after that
only where it would help: nobody is cut every second for a few bytes.
Where that was not enough, new connections are refused, until memory is a tenth below the bound: a
process seldom shrinks, and shall not open and close its door every second. Whoever is connected goes
on in either case.
"""

from __future__ import annotations

from collections.abc import Callable

from chatapp.kernel.ports import Scheduler
from chatapp.limits.held import HeldBytes

LOOK_SECONDS = 1.0
SETTLE_SECONDS = 0.1  # for those who were cut to let go
TRIM_AGAIN_SECONDS = 30.0  # trimming takes the hub's time
RETRY_AFTER_SECONDS = 5
_OPENS_BELOW = 0.9


class MemoryBound:
    """``max_bytes`` 0: there is none. ``resident`` may know nothing: then nothing is ever refused."""

    def __init__(
        self,
        max_bytes: int,
        *,
        held: HeldBytes,
        scheduler: Scheduler,
        resident: Callable[[], int | None],
        give_back: Callable[[], object],
        on_refused: Callable[[], object] = lambda: None,
    ) -> None:
        self.max_bytes = max_bytes
        self.is_refusing = False
        self._held = held
        self._scheduler = scheduler
        self._resident = resident
        self._give_back = give_back
        self._on_refused = on_refused
        self._trimmed_at = -TRIM_AGAIN_SECONDS

    def start(self) -> None:
        if self.max_bytes:
            self._look()

    def refuses(self) -> bool:
        """Asked for each new connection, and counted."""
        if self.is_refusing:
            self._on_refused()
        return self.is_refusing

    def _look(self) -> None:
        if self._bytes() < self.max_bytes:
            self._judge()
        else:
            if not self.is_refusing or self._held.total >= self._bytes() - self.max_bytes:
                self._held.cut_all("memory")
            self._scheduler.call_later(SETTLE_SECONDS, self._trim)
        self._scheduler.call_later(LOOK_SECONDS, self._look)

    def _trim(self) -> None:
        now = self._scheduler.elapsed()
        if now - self._trimmed_at >= TRIM_AGAIN_SECONDS or not self.is_refusing:
            self._trimmed_at = now
            self._give_back()
        self._judge()

    def _judge(self) -> None:
        resident = self._bytes()
        if resident >= self.max_bytes:
            self.is_refusing = True
        elif resident < self.max_bytes * _OPENS_BELOW:
            self.is_refusing = False

    def _bytes(self) -> int:
        return self._resident() or 0
