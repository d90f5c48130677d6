"""What is counted of conversations: what is sent to people, and how they come back."""

from __future__ import annotations

from chatapp.metrics.registry import Registry
from chatapp.rooms.messages.recovery import FRESH_STARTS


class ConversationMetrics(Registry):
    def __init__(self) -> None:
        super().__init__()
        counter = self._counter
        self._deliveries = counter("chat_deliveries", "Frames handed to a socket.")
        self._duplicates = counter(
            "chat_duplicates",
            "Messages that were stored already and sent again: answered with their first place.",
        )
        self._gap_fills = counter(
            "chat_gap_fills", "Reads of the log for what did not arrive from another node."
        )
        self._pings_asleep = counter("chat_pings_asleep", "Pings answered while the room was asleep.")
        self._resumes = counter(
            "chat_resumes",
            "Joins with a cursor: recovered, or the reason why not.",
            result=("recovered", *FRESH_STARTS),
        )

    def delivered(self, frames: int) -> None:
        self._deliveries.inc(frames)

    def answered_duplicate(self) -> None:
        self._duplicates.inc()

    def filled_gap(self, _events: int) -> None:
        self._gap_fills.inc()

    def ping_answered_asleep(self) -> None:
        self._pings_asleep.inc()

    def resumed(self, result: str) -> None:
        """``recovered``, or the reason that the wire gives for a fresh start."""
        self._resumes.labels(result).inc()
