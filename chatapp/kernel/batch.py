"""A batch: commands of one room that are decided together, on their way through a commit.

Whoever gives turns knows rooms as this only: something that decides a batch when it is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from chatapp.errors import ChatError
from chatapp.kernel.durable_object import Turn
from chatapp.kernel.mailbox import Envelope
from chatapp.kernel.ports import Outcome, RoomWrite


class Batch:
    """Commands decided together, with their answers and what they want stored."""

    __slots__ = ("_on_outcome", "answers", "envelopes", "found", "is_read", "turn", "write")

    def __init__(self, envelopes: list[Envelope], on_outcome: Callable[[Batch, Outcome], None]) -> None:
        self._on_outcome = on_outcome
        self.envelopes = envelopes
        self.is_read = False  # what had to be read for it is ``found``
        self.found: Any = None
        self.turn: Turn
        self.answers: list[Any] = []
        self.write: RoomWrite | None = None

    def settle(self, outcome: Outcome) -> None:
        """The commit has answered."""
        self._on_outcome(self, outcome)

    def answer_all(self, error: ChatError) -> None:
        for envelope in self.envelopes:
            envelope.answer(error)


class TurnTaker(Protocol):
    def take_turn(self) -> Batch | None:
        """Decide the next batch. None: nothing waits, or something must be read first."""
        ...
