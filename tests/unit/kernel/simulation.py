"""The simulation: real kernels, a seed, and everything that can go wrong.

People with outboxes speak and listen as the protocol tells clients to; strangers send bursts and never
ask again; around them is the storm. Then everything heals, and the checker reads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from chatapp.errors import ChatError
from tests.unit.kernel.checker import History, Sending, violations
from tests.unit.kernel.log_room import Enter, Entered, Look, Note, Posted, Said, Say
from tests.unit.kernel.storm import GIVE_UP_SECONDS, Storm, quiet_kernel
from tests.unit.kernel.world import Process, World

GAP_SECONDS = 0.3  # before a gap is asked for
HEADS_SECONDS = 3.0  # between two looks at whether one is up to date

ROOMS = ("lobby", "attic")
ODD_TEXTS = ("rude", "poison", "bug in need", "bug in learn", "bug in handle", "bug in finish")


@dataclass(frozen=True, kw_only=True)
class Build:
    """Which promise-keeper is taken out."""

    is_fenced: bool = True
    answers_early: bool = False
    dedupes: bool = True


class Person:
    """A client as the protocol wants it: an outbox, a cursor, and a nose for gaps."""

    def __init__(self, simulation: Simulation, name: str, room_id: str) -> None:
        self.name, self.room_id = name, room_id
        self.view: list[Said] = []
        self.process = simulation.any_process()
        self.outbox: list[str] = []
        self._simulation = simulation
        self._later = simulation.world.scheduler.call_later
        self._random = simulation.random
        self._pending: dict[int, Said] = {}
        self._attempts = 0
        self._in_flight: Sending | None = None
        self._is_asking = False
        self.is_resting = False
        self.enter()
        self._watch()

    @property
    def is_content(self) -> bool:
        return not self.outbox and len(self.view) == self._simulation.head(self.room_id)

    # --- speak --------------------------------------------------------------------------

    def speak(self, client_id: str) -> None:
        self.outbox.append(client_id)
        self._pump()

    def _pump(self) -> None:
        if self._in_flight is not None or not self.outbox or self.is_resting:
            return
        say = Say(
            room_id=self.room_id, user_id=self.name, client_id=self.outbox[0], is_retry=self._attempts > 0
        )
        self._attempts += 1
        self._in_flight = sending = self._simulation.send(self.process, say, self._on_answer)
        self._later(GIVE_UP_SECONDS, self._give_up, sending)

    def _on_answer(self, sending: Sending, answer: Any) -> None:
        if sending is not self._in_flight:
            return
        self._in_flight = None
        if isinstance(answer, Posted):
            self.outbox.pop(0)
            self._attempts = 0
            self._pump()
        else:
            self._move_perhaps()
            self._later(0.05 + self._random.random() * 0.3, self._pump)

    def _give_up(self, sending: Sending) -> None:
        if sending is self._in_flight:
            self._in_flight = None
            self._move_perhaps()
            self._pump()

    # --- listen -------------------------------------------------------------------------

    def enter(self) -> None:
        """Join, or join again with the cursor: it is the same, and also how a gap is filled."""
        if self._is_asking or self.is_resting:
            return
        self._is_asking = True
        ask = Enter(room_id=self.room_id, member=self.name, after=len(self.view))
        sending = self._simulation.send(self.process, ask, self._on_entered)
        self._later(GIVE_UP_SECONDS, self._ask_again, sending)

    def _on_entered(self, sending: Sending, answer: Any) -> None:
        self._is_asking = False
        if isinstance(answer, Entered):
            for event in answer.missed:
                self.hear(event)
        elif isinstance(answer, ChatError):
            self._move_perhaps()
            self._later(0.1 + self._random.random() * 0.3, self.enter)

    def _ask_again(self, sending: Sending) -> None:
        if not sending.answers:
            self._is_asking = False
            self._move_perhaps()
            self.enter()

    def hear(self, event: Said) -> None:
        if event.seq <= len(self.view):
            return
        self._pending[event.seq] = event
        while (following := self._pending.pop(len(self.view) + 1, None)) is not None:
            self.view.append(following)
        if self._pending:
            self._later(GAP_SECONDS, self._fill_gap)

    def _fill_gap(self) -> None:
        if self._pending:
            self.enter()

    def hear_head(self, head: int) -> None:
        if head > len(self.view):
            self.enter()

    def _watch(self) -> None:
        self.hear_head(self._simulation.head(self.room_id))
        self._later(HEADS_SECONDS, self._watch)

    def _move_perhaps(self) -> None:
        if self.process.hub.is_killed or self._random.random() < 0.4:
            self.process = self._simulation.any_process()
            self.enter()


class Simulation(Storm):
    def __init__(self, seed: int, build: Build) -> None:
        self.build = build
        self.history = History()
        self._step = 0
        self._client_ids = 0
        self.verdict: list[str] = []
        super().__init__(seed)
        self.people = [Person(self, f"person {n}", self.random.choice(ROOMS)) for n in range(4)]

    def head(self, room_id: str) -> int:
        row = self.world.database.rooms.get(room_id)
        return row.last_seq if row is not None else 0

    # --- processes ------------------------------------------------------------------------

    def make_world(self, random: Random, lease_seconds: float) -> World:
        return World(
            random,
            lease_seconds=lease_seconds,
            is_fenced=self.build.is_fenced,
            is_unique=self.build.dedupes,
        )

    def make_process(self, name: str) -> Process:
        self._step += 1
        process = Process(
            self.world,
            f"{name}{self._step}",
            fates=self.weather,
            idle_seconds=self.idle_seconds,
            answers_early=self.build.answers_early,
            dedupes=self.build.dedupes,
        )
        process.audience.on_deliver = lambda *told: self._deliver(process, *told)
        process.audience.on_announce = lambda room_id, epoch, head: self._announce(process, room_id, head)
        process.node.on_lost = lambda: self._resync(process)
        return process

    def _deliver(self, process: Process, room_id: str, epoch: int, broadcasts: Sequence[Any]) -> None:
        events = [event for event in broadcasts if isinstance(event, Said)]
        stored = {row.event.seq: row.event for row in self.world.row(room_id).log}
        for event in events:
            self.history.told[process.node.node_id, room_id].append((epoch, event))
            if stored.get(event.seq) != event:
                self.history.too_early.append(f"L2 {event} was told before it was stored")
        for person in self.people:
            if person.room_id != room_id:
                continue
            if person.process is process:
                self._hear(person, process, events)
            elif self.random.random() < 0.9:  # the relay promises nothing
                self.world.scheduler.call_later(self.random.random() * 0.2, self._hear, person, None, events)

    @staticmethod
    def _hear(person: Person, process: Process | None, events: Sequence[Said]) -> None:
        """Those on the same process hear only if the room has let them in."""
        if process is None or person.name in process.audience.members(person.room_id):
            for event in events:
                person.hear(event)

    def _announce(self, process: Process, room_id: str, head: int) -> None:
        for person in self.people:
            if person.room_id == room_id and person.process is process:
                person.hear_head(head)

    def _resync(self, process: Process) -> None:
        for person in self.people:
            if person.process is process:
                person.enter()

    # --- commands ---------------------------------------------------------------------------

    def send(self, process: Process, command: Any, on_answer: Callable[[Sending, Any], None]) -> Sending:
        self._step += 1
        sending = Sending(
            command=command, process=process, step=self._step, at=self.world.scheduler.elapsed()
        )
        self.history.sendings.append(sending)

        def heard(answer: Any) -> None:
            self._step += 1
            sending.answers.append((self._step, self.world.scheduler.elapsed(), answer))
            self._check_ack(command, answer)
            self.world.scheduler.call_soon(on_answer, sending, answer)

        process.router.send(command, heard)
        return sending

    def _check_ack(self, command: Any, answer: Any) -> None:
        if isinstance(answer, Posted):
            stored = {(row.event.seq, row.event.client_id) for row in self.world.row(command.room_id).log}
            if (answer.seq, command.client_id) not in stored:
                self.history.too_early.append(f"L2 {command} was acked before it was stored")

    # --- the storm and after --------------------------------------------------------------------

    def run(self) -> list[str]:
        """Everything, from the first word to the checker's verdict."""
        self.rage_and_heal(self.people, self._stir)
        for person in self.people:
            self.history.views[person.name] = (person.room_id, person.view)
            if person.outbox:
                self.history.too_early.append(f"I13 {person.name} never got rid of {person.outbox}")
        return violations(self.history, self.world.database)

    def _stir(self) -> None:
        if self.random.random() < 0.5:
            self.random.choice(self.people).speak(self._new_client_id())
        if self.random.random() < 0.2:
            self._burst()

    def _new_client_id(self) -> str:
        self._client_ids += 1
        return f"id {self._client_ids}"

    def _burst(self) -> None:
        """A stranger says several things at once, some of them odd, and never asks again."""
        process, room_id = self.any_process(), self.random.choice(ROOMS)
        stranger = f"stranger {self._step}"
        for _ in range(self.random.randrange(1, 6)):
            text = self.random.choice(ODD_TEXTS) if self.random.random() < 0.1 else "hello"
            command: Any = Say(room_id=room_id, user_id=stranger, client_id=self._new_client_id(), text=text)
            if self.random.random() < 0.2:
                command = self.random.choice([Look(room_id=room_id), Note(room_id=room_id, value="note")])
            self.send(process, command, lambda sending, answer: None)


def simulate(seed: int, build: Build = Build()) -> Simulation:
    simulation = Simulation(seed, build)
    with quiet_kernel():
        simulation.verdict = simulation.run()
    return simulation
