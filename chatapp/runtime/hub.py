"""The hub: eventlet's, with turns of bounded length.

Where a thousand connections have something to say at once, eventlet would hear all of them before
it looks at its timers again. Here a turn hears some of them. The rest is not lost, and waits no
longer than the others: the system keeps what is readable in a queue, and who was heard goes to its
end.
"""

from __future__ import annotations

from typing import Any

from eventlet import hubs
from eventlet.hubs import epolls

HEARD_A_TURN = 64


class _Hub(epolls.Hub):
    @staticmethod
    def is_available() -> bool:
        available: bool = epolls.is_available()
        return available

    def do_poll(self, seconds: float) -> Any:
        return self.poll.poll(seconds, HEARD_A_TURN)


def use_our_hub() -> None:
    """Call it once, before anything is scheduled. Without epoll (macOS) the default remains."""
    if _Hub.is_available():
        hubs.use_hub(_Hub)
