"""The meter as plain lists."""

from __future__ import annotations


class FakeMeter:
    """Fulfils the kernel's ``Meter``."""

    def __init__(self) -> None:
        self.wakes: list[float] = []
        self.hibernations = 0
        self.drops: list[str] = []
        self.commits: list[tuple[int, int]] = []  # rooms, events
        self.takeovers = 0
        self.verdicts: list[bool] = []  # on suspected owners: dead?
        self.unstored: list[str] = []

    def woke(self, seconds: float, *, is_takeover: bool) -> None:
        self.wakes.append(seconds)
        self.takeovers += is_takeover

    def judged(self, *, is_dead: bool) -> None:
        self.verdicts.append(is_dead)

    def hibernated(self) -> None:
        self.hibernations += 1

    def dropped(self, reason: str) -> None:
        self.drops.append(reason)

    def committed(self, *, rooms: int, events: int, seconds: float) -> None:
        self.commits.append((rooms, events))

    def not_stored(self, outcome: str) -> None:
        self.unstored.append(outcome)
