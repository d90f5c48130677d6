"""What is counted of the hub, on which all of a node takes its turns: how late it comes to a timer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from chatapp.metrics.registry import Registry

LAG_INTERVAL_SECONDS = 0.5


class Scheduler(Protocol):
    def call_later(self, seconds: float, callback: Callable[..., object], *args: object) -> object: ...

    def elapsed(self) -> float: ...


class HubMetrics(Registry):
    def __init__(self) -> None:
        super().__init__()
        self._hub_lag = self._histogram("chat_hub_lag_seconds", "How late the hub came to a timer.")

    def watch_hub(self, scheduler: Scheduler) -> None:
        """Measure, for ever, how late the hub comes to its timers."""
        due_at = scheduler.elapsed() + LAG_INTERVAL_SECONDS

        def arrive() -> None:
            self._hub_lag.observe(max(0.0, scheduler.elapsed() - due_at))
            self.watch_hub(scheduler)

        scheduler.call_later(LAG_INTERVAL_SECONDS, arrive)
