"""The storm: what goes wrong around rooms while somebody speaks in them, by a seed.

A few processes compete for the same rooms over one database. Storage is late, fails, or leaves in doubt;
messages between nodes are late, lost, or not carried at all; processes are frozen, killed, declared dead and
drained; the database's clock jumps by an hour.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from random import Random
from typing import Any, Protocol

from chatapp.errors import StorageUnavailable
from chatapp.kernel.ports import Outcome
from tests.fakes.storage import Fate
from tests.unit.kernel.checker import ANSWER_SECONDS
from tests.unit.kernel.world import Process, World

CHAOS_SECONDS = 8.0
HEALING_SECONDS = 30.0
GIVE_UP_SECONDS = 10.0  # without an ack: send it again
HOUR_MS = 3_600_000  # by which the database's clock is wrong now and then


class Weather:
    """The fate of each operation while the storm lasts: mostly fine, sometimes not."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self.is_calm = False

    def __call__(self, operation: str) -> Fate:
        random = self._random
        before, after = random.random() * 0.01, random.random() * 0.01
        if self.is_calm:
            return Fate(before=before, after=after)
        if random.random() < 0.06:
            before += random.random()
        if random.random() < 0.06:
            after += random.random()
        if random.random() > 0.1:
            return Fate(before=before, after=after)
        return Fate(before=before, after=after, **self._failure(operation))

    def _failure(self, operation: str) -> dict[str, Any]:
        if operation != "commit":
            return {"answer": StorageUnavailable(), "happens": self._random.random() < 0.5}
        outcome = self._random.choice(
            [
                Outcome.UNAVAILABLE,
                Outcome.FULL,
                Outcome.STALE,
                Outcome.REFUSED,
                Outcome.IN_DOUBT,
                Outcome.IN_DOUBT,
            ]
        )
        return {"answer": outcome, "happens": outcome is Outcome.IN_DOUBT and self._random.random() < 0.6}


class Somebody(Protocol):
    is_resting: bool

    @property
    def is_content(self) -> bool: ...


class Storm(ABC):
    """Two processes and their world; who derives says what lives in them, and who speaks."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.weather = Weather(self.random)
        self.world = self.make_world(Random(self.random.random()), self.random.choice([1.0, 3.0]))
        self.world.network.delay = self._carry
        self.drops: list[str] = []
        self.hibernations = 0
        self.clock_jumps = 0
        self.idle_seconds = self.random.choice([0.2, 1.0, 30.0])
        self.processes = [self.make_process(name) for name in ("a", "b")]
        self._supervise()

    @abstractmethod
    def make_world(self, random: Random, lease_seconds: float) -> World: ...

    @abstractmethod
    def make_process(self, name: str) -> Process: ...

    def any_process(self) -> Process:
        return self.random.choice(self.processes)

    def _replace(self, process: Process) -> None:
        """It is gone; its database session with it, which proves its death, and it starts again."""
        if process.hub.is_killed:
            return
        self.world.kill(process)
        self._count(process)
        self.processes[self.processes.index(process)] = self.make_process("c")

    def _supervise(self) -> None:
        """What nodes do to each other, and a supervisor to a process that could not start."""
        self.world.database.declare_expired()
        for process in list(self.processes):
            if any(process.started):
                self._replace(process)
        self.world.scheduler.call_later(0.5, self._supervise)

    def rage_and_heal(self, people: Sequence[Somebody], stir: Callable[[], object]) -> None:
        """Now and then ``stir`` has somebody do something; in the end all are told to do nothing more."""
        scheduler = self.world.scheduler
        while scheduler.elapsed() < CHAOS_SECONDS:
            scheduler.run_for(self.random.random() * 0.4)
            stir()
            if self.random.random() < 0.25:
                self.strike(self.any_process())
        self.weather.is_calm = True
        scheduler.run_for(2 * GIVE_UP_SECONDS)  # whoever asked a dead process has asked again by then
        deadline = scheduler.elapsed() + HEALING_SECONDS
        while not all(each.is_content for each in people) and scheduler.elapsed() < deadline:
            scheduler.run_for(1.0)
        for each in people:
            each.is_resting = True
        scheduler.run_for(ANSWER_SECONDS)  # what was asked last must be answered too
        self.count_what_bit()

    def count_what_bit(self) -> None:
        for process in self.processes:
            self._count(process)

    def _count(self, process: Process) -> None:
        self.drops += process.meter.drops
        self.hibernations += process.meter.hibernations

    def strike(self, process: Process) -> None:
        match self.random.randrange(8):
            case 0 | 1:
                self.world.database.declare_dead(process.node.node_id)
            case 2 | 3:
                process.hub.freeze(self.random.random() * 2 * self.world.lease_seconds)
            case 4:
                self._replace(process)
            case 5:
                process.node.drain(timeout_seconds=5.0, done=lambda: self._replace(process))
            case 6:
                self._cut_the_network()
            case 7:
                self.world.database.set_clock(self.random.choice([-HOUR_MS, 0, HOUR_MS]))
                self.clock_jumps += 1

    def _cut_the_network(self) -> None:
        network = self.world.network
        network.is_up = False
        self.world.scheduler.call_later(self.random.random() * 2, setattr, network, "is_up", True)

    def _carry(self) -> float | None:
        """How long a message between nodes takes; None: it is lost."""
        if self.weather.is_calm or self.random.random() < 0.9:
            return self.random.random() * 0.01
        return self.random.choice([None, self.random.random()])


@contextmanager
def quiet_kernel() -> Iterator[None]:
    """Bugs made on purpose are logged with tracebacks that nobody wants to read."""
    logger = logging.getLogger("chatapp.kernel")
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(before)
