"""SIGTERM and SIGINT: the first asks the node to finish, the second ends it at once."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from types import FrameType

from chatapp.runtime.hub.scheduler import spawn
from chatapp.runtime.hub.wakeup import Wakeup


def on_signals(callback: Callable[[], object]) -> None:
    """Run ``callback`` in a greenlet, at once, when the process is first asked to stop."""
    # The handler alone would not do: the hub goes back to sleep after it, up to its next timer.
    wakeup = Wakeup(lambda: spawn(callback))
    asked: list[int] = []

    def handle(signum: int, _frame: FrameType | None) -> None:
        if asked:
            os._exit(128 + signum)
        asked.append(signum)
        wakeup.ring()

    signal.signal(signal.SIGTERM, handle)
    signal.signal(signal.SIGINT, handle)
