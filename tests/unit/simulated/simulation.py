"""The simulation of a room: the real one with all its aspects, in real kernels, in the storm.

People say things, edit them, take them back, answer them and react, each from the state that their own screen
has; what is stored is kept by the fake of the store. Then everything heals, and the checker compares.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import msgspec

from chatapp.errors import OwnerUnavailable
from chatapp.kernel.durable_object import Turn
from chatapp.kernel.ports import Acquired, RoomWrite
from chatapp.rooms.commands import Member, Tick
from chatapp.rooms.events import RoomEvent
from chatapp.rooms.messages.changes import MessageChanged
from chatapp.rooms.room import Room
from chatapp.rooms.rules import RoomRules
from tests.fakes.storage import NodeState, RoomRow
from tests.room_rules import RULES
from tests.unit.kernel.storm import Storm, quiet_kernel
from tests.unit.kernel.world import Process, World
from tests.unit.rooms.screen import Screen
from tests.unit.rooms.storage import Storage
from tests.unit.simulated.checker import FRAME_SECONDS, violations
from tests.unit.simulated.person import ROOM, Person

PEOPLE = ("ana", "ben", "cleo", "dan")
# A few rows are in memory, so that most of what is changed and missed is asked of storage.
SMALL = RoomRules(
    retention_ms=RULES.retention_ms, page_limit=6, remembered_ids=10, ids_looked_up_after_wake_ms=500
)


@dataclass(frozen=True, kw_only=True)
class Build:
    """Which promise-keeper is taken out."""

    make_room: Callable[..., Room] = Room
    make_screen: Callable[[], Screen] = Screen


@dataclass(kw_only=True)
class Watched:
    """What is noticed as it goes on: the words that each message has had, and when they were taken back."""

    words: defaultdict[int, set[bytes]] = field(default_factory=lambda: defaultdict(set))
    deleted_at: dict[int, float] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    answers: list[tuple[Any, Any]] = field(default_factory=list)
    """Commands, and what each was answered."""

    def look_for_words(self, events: Iterable[RoomEvent], before: float, what: str) -> None:
        """None may hold words of what was taken back by then."""
        gone = {
            seq: words
            for seq in self.deleted_at
            if self.deleted_at[seq] < before
            for words in self.words[seq]
        }
        for event in events:
            self.violations += [
                f"I16 {what} holds {words!r} of {seq}: {event.body!r}"
                for seq, words in gone.items()
                if words in event.body
            ]


class RoomSimulation(Storm):
    def __init__(self, seed: int, build: Build) -> None:
        self.build = build
        self.watched = Watched()
        self._numbers = itertools.count(1)
        super().__init__(seed)
        self.people = [Person(self, name, build.make_screen()) for name in PEOPLE]

    @property
    def elapsed(self) -> float:
        return self.world.scheduler.elapsed()

    @property
    def stream_id(self) -> str:
        return f"stream of {ROOM}"

    @property
    def head(self) -> int:
        row = self.world.database.rooms.get(ROOM)
        return row.last_seq if row is not None else 0

    @property
    def log(self) -> Sequence[RoomEvent]:
        return self.storage.events

    @property
    def storage(self) -> Storage:
        return self._storage_of(self.world.row(ROOM))

    def upload(self, id_: str, user_id: str) -> str:
        """A file of somebody's is ready to be sent in the room, which is there."""
        self.storage.upload(id_, user_id)
        return id_

    # --- the world ------------------------------------------------------------------------

    def make_world(self, random: Random, lease_seconds: float) -> World:
        return World(
            random,
            lease_seconds=lease_seconds,
            read=lambda row, questions: self._storage_of(row).load(questions),
            remember=self._remember,
            refuses=lambda event: False,
            store=self._store,
        )

    def _storage_of(self, row: RoomRow) -> Storage:
        if row.state is None:
            row.state = Storage(SMALL.retention_ms)
        storage: Storage = row.state
        return storage

    def _remember(self, row: RoomRow) -> Any:
        storage, nodes = self._storage_of(row), self.world.database.nodes
        storage.live_nodes = {node_id for node_id, node in nodes.items() if node.state is not NodeState.DEAD}
        return storage.present()

    def _store(self, row: RoomRow, write: RoomWrite) -> None:
        """The words of what is stored are noted, and when they are taken back."""
        turn = Turn(self.world.database.now_ms())
        turn.events, turn.records = [*write.events], [*write.records]
        self._storage_of(row).store(turn)
        for event in write.events:
            if event.type == "message":
                self.watched.words[event.seq].add(_words_in(event.body))
        for record in write.records:
            if isinstance(record, MessageChanged) and record.is_deleted:
                self.watched.deleted_at.setdefault(record.seq, self.elapsed)
            elif isinstance(record, MessageChanged):
                self.watched.words[record.seq].add(_words_in(record.body))

    def make_process(self, name: str) -> Process:
        process = Process(
            self.world,
            f"{name}{next(self._numbers)}",
            fates=self.weather,
            idle_seconds=self.idle_seconds,
            awaken=self._awaken,
            tick=_tick,
        )
        process.audience.on_deliver = lambda *told: self._deliver(process, *told)
        process.audience.on_announce = lambda room_id, epoch, head: self._announce(process, head)
        process.node.on_lost = lambda: self._resync(process)
        return process

    def _awaken(self, acquired: Acquired, members: Sequence[Member], now_ms: int) -> Room:
        return self.build.make_room(acquired, members, now_ms, SMALL, lambda: f"id-{next(self._numbers)}")

    # --- what is heard ----------------------------------------------------------------------

    def _deliver(self, process: Process, room_id: str, epoch: int, broadcasts: Sequence[Any]) -> None:
        events = [event for event in broadcasts if isinstance(event, RoomEvent)]
        self.watched.look_for_words(events, self.elapsed - FRAME_SECONDS, "a frame")
        for person in self.people:
            if person.process is process:
                self._hear(person, process, events)
            elif self.random.random() < 0.9:  # the relay promises nothing
                self.world.scheduler.call_later(self.random.random() * 0.2, self._hear, person, None, events)

    @staticmethod
    def _hear(person: Person, process: Process | None, events: Sequence[RoomEvent]) -> None:
        """Those on the same process hear only if the room has let them in."""
        if process is None or person.member in process.audience.members(ROOM):
            for event in events:
                person.hear(event)

    def _announce(self, process: Process, head: int) -> None:
        for person in self.people:
            if person.process is process:
                person.hear_head(head)

    def _resync(self, process: Process) -> None:
        for person in self.people:
            if person.process is process:
                person.enter()

    def check_answer(self, asked_at: float, events: Sequence[RoomEvent]) -> None:
        self.watched.look_for_words(events, asked_at, "an answer")

    # --- what is said -----------------------------------------------------------------------

    def send(self, process: Process, command: Any, on_answer: Callable[[Any], None]) -> None:
        def heard(answer: Any) -> None:
            self.watched.answers.append((command, answer))
            self.world.scheduler.call_soon(on_answer, answer)

        if process.started == [None]:
            process.router.send(command, heard)
        else:  # it has not registered yet, and lets nobody in
            self.world.scheduler.call_later(0.1, on_answer, OwnerUnavailable())

    def run(self) -> list[str]:
        """Everything, from the first word to the checker's verdict."""
        self.rage_and_heal(self.people, self._stir)
        return violations(self)

    def _stir(self) -> None:
        for person in self.people:
            if self.random.random() < 0.35:
                person.speak(f"id {next(self._numbers)}")


def _words_in(body: bytes) -> bytes:
    content: str = msgspec.json.decode(body)["content"]
    return content.encode()


def _tick(room_id: str, *, is_last: bool) -> Tick:
    return Tick(room_id=room_id, is_last=is_last)


def simulate(seed: int, build: Build = Build()) -> tuple[RoomSimulation, list[str]]:
    """The simulation when it is over, and what is wrong with it."""
    with quiet_kernel():
        simulation = RoomSimulation(seed, build)
        return simulation, simulation.run()
