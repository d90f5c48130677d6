"""Second thoughts: people who edit, delete, react and read while they talk."""

from __future__ import annotations

from random import Random

from bench.repeated import Repeated
from chatapp.client.wire import Event
from faults.crowd import Crowd
from faults.person import UNSENT_AT_MOST, Person

EMOJI = ("👍", "❤️", "😂", "🎉")
CORRECTIONS = 0.6  # the share of what is changed; the rest are reactions
READS = 0.05
CALLS = 0.3  # of the texts that replace another
OF_THE_NEWEST = 30  # messages somebody may mean


class SecondThoughts(Repeated):
    """Use as a context, within the crowd's: from its beginning to its end somebody changes something."""

    def __init__(self, crowd: Crowd, *, per_second: float) -> None:
        super().__init__("second thoughts", pause_seconds=1 / per_second)
        self._crowd = crowd
        self._random = Random()

    def do(self) -> None:
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
