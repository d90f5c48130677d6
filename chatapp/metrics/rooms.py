"""What is counted of rooms: how they wake, sleep and are lost, and what they store."""

from __future__ import annotations

from collections.abc import Iterable

from chatapp.kernel.ports import DROP_REASONS, Outcome
from chatapp.metrics.registry import Registry
from chatapp.rooms.events import RoomEvent
from chatapp.rooms.messages.pages import CHANGES

_COUNTS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


class RoomMetrics(Registry):
    """Fulfils the kernel's ``Meter``."""

    def __init__(self) -> None:
        super().__init__()
        self._count_lives()
        self._count_writes()

    def _count_lives(self) -> None:
        counter = self._counter
        self._wakes = self._histogram("chat_wake_seconds", "From the first command to an awake room.")
        self._takeovers = counter("chat_takeovers", "Rooms taken over from a node that died.")
        self._suspicions = counter(
            "chat_suspicions",
            "Owners at other nodes that did not answer, by what the database then proved: dead or alive.",
            verdict=("dead", "alive"),
        )
        self._hibernations = counter("chat_hibernations", "Rooms put to sleep.")
        self._drops = counter("chat_drops", "Activations whose memory was thrown away.", reason=DROP_REASONS)

    def _count_writes(self) -> None:
        counter, histogram = self._counter, self._histogram
        self._commits = histogram("chat_commit_seconds", "Duration of a transaction.")
        self._commit_rooms = histogram("chat_commit_rooms", "Rooms that shared a transaction.", _COUNTS)
        self._commit_events = histogram("chat_commit_events", "Events of a transaction.", (0, *_COUNTS))
        self._not_stored = counter(
            "chat_writes_not_stored",
            "Rooms' parts of transactions that were not stored, by outcome; stale: held back by the fence.",
            outcome=[outcome.word for outcome in Outcome if outcome is not Outcome.COMMITTED],
        )
        changes = counter(
            "chat_changes", "Edits, deletions and events of reactions stored.", type=sorted(CHANGES)
        )
        self._changes = {type_: changes.labels(type_) for type_ in CHANGES}

    # --- the kernel's Meter -------------------------------------------------------------------

    def woke(self, seconds: float, *, is_takeover: bool) -> None:
        self._wakes.observe(seconds)
        if is_takeover:
            self._takeovers.inc()

    def judged(self, *, is_dead: bool) -> None:
        self._suspicions.labels("dead" if is_dead else "alive").inc()

    def hibernated(self) -> None:
        self._hibernations.inc()

    def dropped(self, reason: str) -> None:
        self._drops.labels(reason).inc()

    def committed(self, *, rooms: int, events: int, seconds: float) -> None:
        self._commits.observe(seconds)
        self._commit_rooms.observe(rooms)
        self._commit_events.observe(events)

    def not_stored(self, outcome: str) -> None:
        self._not_stored.labels(outcome).inc()

    # --- what they say ------------------------------------------------------------------------

    def told(self, broadcasts: Iterable[object]) -> None:
        """What rooms of this node have stored and say."""
        for broadcast in broadcasts:
            if isinstance(broadcast, RoomEvent) and broadcast.type in self._changes:
                self._changes[broadcast.type].inc()
