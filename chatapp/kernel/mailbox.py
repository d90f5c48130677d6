"""The mailbox: where everything said to one room waits its turn.

Anybody may put; only the room's activation takes. That single taker is why the code of a
room needs no locks. A full mailbox refuses mail instead of growing, so that a busy room
slows its own senders and nobody else's.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable, Iterator

from chatapp.errors import RoomBusy
from chatapp.kernel.ports import Command, Reply

MAILBOX_LIMIT = 1_000
RETRY_AFTER_MS = 500

logger = logging.getLogger(__name__)


class Envelope:
    """A command with the place its reply goes; ``attempts`` counts the turns it was given.

    It is answered once: whatever is said after the first answer is not heard. One that ``stays`` is
    not forwarded when its room turns out to be another node's. ``gives_up_at`` (seconds of the
    scheduler's ``elapsed``) and ``forward_id`` are set when it first has to be forwarded there.
    """

    __slots__ = ("attempts", "command", "forward_id", "gives_up_at", "reply", "stays")

    def __init__(self, command: Command, reply: Reply | None = None, *, stays: bool = False) -> None:
        self.command = command
        self.reply = reply
        self.stays = stays
        self.attempts = 0
        self.gives_up_at: float | None = None
        self.forward_id = 0

    @property
    def is_void(self) -> bool:
        """True if it may not be decided any more."""
        return False

    def answer(self, answer: object) -> None:
        reply, self.reply = self.reply, None
        if reply is None:
            return
        try:
            reply(answer)
        except Exception:  # the edge's bug, and its sender's loss; the others of the batch go on
            logger.exception("an answer could not be given", extra={"room": self.command.room_id})


class ForwardSequence:
    """The commands of another node to one room, in step.

    When one of them is refused for now, the sequence is broken and those behind it are not decided: they
    would overtake what is said again.
    """

    __slots__ = ("is_broken", "next_number", "sequence_id")

    def __init__(self, sequence_id: int) -> None:
        self.sequence_id = sequence_id
        self.next_number = 0
        self.is_broken = False

    def expects(self, sequence_id: int, number: int) -> bool:
        return not self.is_broken and (sequence_id, number) == (self.sequence_id, self.next_number)


class ForwardedEnvelope(Envelope):
    """A command that another node has forwarded here, and would forward elsewhere itself."""

    __slots__ = ("sequence",)

    def __init__(self, command: Command, reply: Reply, sequence: ForwardSequence) -> None:
        super().__init__(command, reply)
        self.sequence = sequence

    @property
    def is_void(self) -> bool:
        return self.sequence.is_broken


class Mailbox:
    __slots__ = ("_limit", "_waiting")

    def __init__(self, limit: int = MAILBOX_LIMIT) -> None:
        self._limit = limit
        self._waiting: deque[Envelope] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def __iter__(self) -> Iterator[Envelope]:
        return iter(self._waiting)

    def put(self, envelope: Envelope) -> None:
        """Raises ``RoomBusy`` when as many are waiting as may."""
        if len(self._waiting) >= self._limit:
            raise RoomBusy(retry_after_ms=RETRY_AFTER_MS)
        self._waiting.append(envelope)

    def put_back(self, envelopes: Iterable[Envelope]) -> None:
        """In front of all others and past the limit: these had their turn and get it again."""
        self._waiting.extendleft(reversed(list(envelopes)))

    def take(self, most: int) -> list[Envelope]:
        waiting = self._waiting
        return [waiting.popleft() for _ in range(min(most, len(waiting)))]

    def take_all(self) -> list[Envelope]:
        return self.take(len(self._waiting))
