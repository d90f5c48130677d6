"""Second thoughts: people who edit, delete, react and read while they talk."""

from __future__ import annotations

import threading
from random import Random
from types import TracebackType

from chatapp.client.wire import Event
from faults.crowd import Crowd
from faults.person import UNSENT_AT_MOST, Person

EMOJI = ("👍", "❤️", "😂", "🎉")
CORRECTIONS = 0.6  # the share of what is changed; the rest are reactions
READS = 0.05
CALLS = 0.3  # of the texts that replace another
OF_THE_NEWEST = 30  # messages somebody may mean


class SecondThoughts:
    """Use as a context, within the crowd's: from its beginning to its end somebody changes something."""

    def __init__(self, crowd: Crowd, *, per_second: float) -> None:
        self._crowd = crowd
        self._pause = 1 / per_second
        self._random = Random()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._go_on, name="second thoughts", daemon=True)

    def __enter__(self) -> SecondThoughts:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over.set()
        self._thread.join()

    def _go_on(self) -> None:
        while not self._is_over.wait(self._pause):
            self._change(self._random.choice(self._crowd.here))

    def _change(self, person: Person) -> None:
        if self._random.random() < READS:
            person.reads()
        room = person.client.room(person.room)
        seen = person.client.take_turn(lambda: list(room.messages[-OF_THE_NEWEST:]))
        there = [message for message in seen if "deleted" not in message["body"]]
        if not there or len(room.outbox.entries) >= UNSENT_AT_MOST:
            return
        own = [message for message in there if message["user"]["id"] == person.id]
        if own and self._random.random() < CORRECTIONS:
            self._correct(person, self._random.choice(own))
        else:
            seq, emoji = self._random.choice(there)["seq"], self._random.choice(EMOJI)
            person.client.react(person.room, seq, emoji, on=self._random.random() < 0.7)

    def _correct(self, person: Person, message: Event) -> None:
        if self._random.random() < 0.3:
            person.client.delete(person.room, message["seq"])
        else:
            words = f"{person.name} says better {person.marked_words(CALLS)}"
            person.client.edit(person.room, message["seq"], words, mentions=person.mentions_in(words))
