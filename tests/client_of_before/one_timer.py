"""A machine's timer: it knows whether it runs, and says what its driver has to do about it."""

from __future__ import annotations

from tests.client_of_before.wire import Action


class OneTimer:
    def __init__(self, name: str) -> None:
        self.name = name
        self.is_running = False

    def start(self, ms: int) -> list[Action]:
        self.is_running = True
        return [{"do": "timer", "name": self.name, "ms": ms}]

    def cancel(self) -> list[Action]:
        if not self.is_running:
            return []
        self.is_running = False
        return [{"do": "cancel", "name": self.name}]

    def rang(self) -> None:
        self.is_running = False
