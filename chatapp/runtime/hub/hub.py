"""The hub: eventlet's, with turns that have a bounded length and an end.

Where a thousand connections have something to say at once, eventlet would hear all of them before
it looks at its timers again. Here a turn hears some of them. The rest is not lost, and waits no
longer than the others: the system keeps what is readable in a queue, and who was heard goes to its
end.

What is to happen last in a turn happens before the hub looks for the next thing to do: so what
several callbacks of one turn have for the same connection can leave together.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from eventlet import hubs
from eventlet.hubs import epolls

log = logging.getLogger(__name__)

HEARD_A_TURN = 64
LAST_THINGS_SECONDS = 0.004
_A_LOOK = 32  # last things between two looks at the clock


class TurnHub(epolls.Hub):
    """``last_things`` run in their order; what takes too long goes on after the next turn."""

    def __init__(self, clock: Any = None) -> None:
        super().__init__(clock)
        self.last_things: deque[Callable[[], object]] = deque()

    @staticmethod
    def is_available() -> bool:
        available: bool = epolls.is_available()
        return available

    def do_poll(self, seconds: float) -> Any:
        if self.last_things:
            self._do_last_things()
            if self.last_things or self.next_timers:  # the time to sleep was reckoned before
                seconds = 0
        return self.poll.poll(seconds, HEARD_A_TURN)

    def _do_last_things(self) -> None:
        last_things = self.last_things
        ends_at = time.monotonic() + LAST_THINGS_SECONDS
        while last_things:
            for _ in range(min(_A_LOOK, len(last_things))):
                run_logged(last_things.popleft())
            if time.monotonic() > ends_at:
                break


def use_our_hub() -> None:
    """Call it once, before anything is scheduled. Without epoll (macOS) the default remains."""
    if TurnHub.is_available():
        hubs.use_hub(TurnHub)


def run_logged(callback: Callable[..., object], *args: object) -> None:
    """Run a callback whose caller has nobody to complain to."""
    try:
        callback(*args)
    except Exception:
        log.exception("A callback failed: %r", callback)
