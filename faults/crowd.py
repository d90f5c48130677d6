"""The crowd: people who follow the rules of the protocol while everything around them breaks.

Each is in one of a few rooms. One thread puts words into their mouths at an even rate; a person who is
too far behind stays silent, so that a long outage leaves no hill of messages to wait for.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType

import msgspec

from faults.history import PATIENCE_SECONDS, Answered, History, Sent
from faults.person import Habits, Person
from faults.processes import NotSo
from faults.recorder import Recorder, clock
from faults.stored import read_stored

PEOPLE, ROOMS, PER_SECOND = 24, 4, 40.0


class Crowd:
    """Use as a context: everybody is in when it begins, and gone when it ends."""

    def __init__(
        self,
        addresses: Sequence[str],
        *,
        people: int = PEOPLE,
        rooms: int = ROOMS,
        per_second: float = PER_SECOND,
        text: str = "",
        stutters: bool = False,
        habits: Habits | None = None,
    ) -> None:
        """``text`` is added to whatever anybody says; who ``stutters`` says changes twice."""
        self.recorder = Recorder(stutters=stutters)
        self.rooms = [f"room-{number}" for number in range(rooms)]
        # Spread over the nodes and over the rooms alike, and half of those who lose their node try the next
        # one, half the one before: everybody of a room at one node shows little.
        self.people = [
            Person(
                f"person-{n}",
                self.rooms[n % rooms],
                _from(addresses, n // rooms, -1 if n // rooms % 2 else 1),
                self.recorder,
                habits=habits,
            )
            for n in range(people)
        ]
        self.guests: list[Person] = []  # who came later, to look: they say nothing of themselves
        self._calls = habits is not None and habits.calls > 0
        self._pause = 1 / per_second
        self._text = text
        self._is_over = threading.Event()
        self._may_speak = threading.Event()
        self._speaker = threading.Thread(target=self._speak, name="crowd", daemon=True)

    @property
    def history(self) -> History:
        return self.recorder.history

    def __enter__(self) -> Crowd:
        for person in self.people:
            person.come_in()
        self._ids = {person.id for person in self.people}  # others may be in these rooms too
        self._may_speak.set()
        self._speaker.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over.set()
        self._may_speak.set()
        self._speaker.join()
        for person in [*self.people, *self.guests]:
            person.client.close()

    def run(self, seconds: float) -> None:
        """Let them talk."""
        time.sleep(seconds)

    def breathe(self, seconds: float = 15.0) -> float:
        """Wait until something has been acked in every room from now on; the seconds it took."""
        began_at, seen = clock(), len(self.history.entries)

        def acked() -> set[str]:
            fresh = self.history.entries[seen:]
            return {e.key[0] for e in fresh if isinstance(e, Answered) and e.seq is not None}

        if not self.wait_until(lambda: acked() >= set(self.rooms), seconds):
            raise NotSo(f"not every room could be written within {seconds:g} s: {sorted(acked())}")
        return clock() - began_at

    @property
    def here(self) -> list[Person]:
        return [person for person in self.people if person.is_here]

    def send_out(self) -> int:
        """One person of each room leaves at each node; they are gone for good. How many that were."""
        gone = self.people[: len(self.people) // 2]
        for person in gone:
            person.go_out()
        return len(gone)

    def hush(self) -> None:
        self._may_speak.clear()

    def go_on(self) -> None:
        self._may_speak.set()

    def settle(
        self, database_url: str, *, healed_at: float | None = None, seconds: float = 3 * PATIENCE_SECONDS
    ) -> History:
        """Everything has healed: say nothing more, wait until all know all, and read the database.

        What the checker holds against whoever is late is reckoned from the healing, which is now
        unless it was earlier.
        """
        history = self.history
        history.healed_at = clock() if healed_at is None else healed_at
        self.hush()
        self.wait_until(lambda: self._all_know_all(database_url), seconds)
        history.ended_at = clock()
        read_stored(self.history, database_url, self.rooms)
        history.present = self._present()
        for person in self.here:
            history.members.setdefault(person.room, []).append(person.name)
            believed = person.believes()
            if believed is not None:
                history.believed[person.name] = sorted(believed & self._ids)
        history.views = {person.name: person.sees() for person in [*self.here, *self.guests]}
        history.unread = [person.asks_what_is_unread() for person in self.here if self._calls]
        history.fetched = self._fetched()
        return msgspec.structs.replace(history, entries=list(history.entries))  # without the goodbyes

    def wait_until(self, is_true: Callable[[], bool], seconds: float) -> bool:
        ends_at = clock() + seconds
        while not (answer := is_true()) and clock() < ends_at:
            time.sleep(0.1)
        return answer

    def _all_know_all(self, database_url: str) -> bool:
        read_stored(self.history, database_url, self.rooms)
        heads = self.history.last_seqs
        if not all(person.knows(heads.get(person.room, 0)) for person in [*self.here, *self.guests]):
            return False
        present = self._present()
        believed = [(person.believes(), present[person.room]) for person in self.here]
        return all(shown is None or sorted(shown & self._ids) == there for shown, there in believed)

    def _present(self) -> dict[str, list[str]]:
        return {room: sorted(p.id for p in self.here if p.room == room) for room in self.rooms}

    def _fetched(self) -> dict[str, bytes | None]:
        """Each file that was sent, as somebody gets it who has not sent it and was told of its message."""
        fetched: dict[str, bytes | None] = {}
        for message in self.history.of(Sent):
            room, author, _ = message.key
            other = next(person for person in self.here if person.room == room and person.id != author)
            fetched |= {each: other.fetches(each) for each in message.files if each not in fetched}
        return fetched

    def _speak(self) -> None:
        next_at = clock()
        for person in itertools.cycle(self.people):
            self._may_speak.wait()
            next_at = max(next_at + self._pause, clock() - 1)  # a late thread does not catch up for ever
            if self._is_over.wait(max(0.0, next_at - clock())):
                return
            if self._may_speak.is_set() and person.is_here:
                person.speak(self._text)


def _from(addresses: Sequence[str], first: int, step: int) -> list[str]:
    """All of them, beginning with the first, forwards or backwards."""
    return [addresses[(first + step * n) % len(addresses)] for n in range(len(addresses))]
