"""A small world for kernels: one database, some nodes, and time that a test owns."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from chatapp.kernel.durable_object import Awaken, Tick
from chatapp.kernel.node import Node
from chatapp.kernel.ports import Acquired
from chatapp.kernel.router import Router
from tests.fakes.audience import FakeAudience
from tests.fakes.meter import FakeMeter
from tests.fakes.relay import FakeNetwork, FakeRelay
from tests.fakes.scheduler import FakeHub, FakeScheduler
from tests.fakes.storage import FakeDatabase, FakeStorage, Fate, Fates, RoomRow
from tests.unit.kernel import log_room
from tests.unit.kernel.log_room import LogRoom, Said


class Process:
    """One web node: the kernel between its fakes."""

    def __init__(
        self,
        world: World,
        name: str,
        *,
        fates: Callable[[str], Fate],
        idle_seconds: float = 60.0,
        answers_early: bool = False,
        dedupes: bool = True,
        looks_up: bool = True,
        awaken: Awaken | None = None,
        tick: Tick = log_room.tick,
    ) -> None:
        """``awaken`` makes what is to be kept alive; None: a ``LogRoom``."""
        lives = itertools.count(1)
        self.hub = FakeHub(world.scheduler)
        self.storage = FakeStorage(
            world.database, world=world.scheduler, hub=self.hub, fates=fates, answers_early=answers_early
        )
        self.audience = FakeAudience()
        self.meter = FakeMeter()
        self.started: list[BaseException | None] = []
        self.awaken_breaks = 0  # so many awakenings end in a bug

        def awaken_log_room(acquired: Acquired, members: Sequence[Any], now_ms: int) -> LogRoom:
            if self.awaken_breaks:
                self.awaken_breaks -= 1
                raise ZeroDivisionError("a bug in awaken")
            return LogRoom(acquired, now_ms, dedupes=dedupes, looks_up=looks_up)

        self.node = Node(
            storage=self.storage,
            nodes=self.storage,
            scheduler=self.hub,
            audience=self.audience,
            meter=self.meter,
            awaken=awaken or awaken_log_room,
            tick=tick,
            new_node_id=lambda: f"{name}.{next(lives)}",
            lease_seconds=world.lease_seconds,
            idle_seconds=idle_seconds,
        )
        self.relay = FakeRelay(world.network, self.hub)
        self.router = Router(self.node, self.relay)
        self.relay.on_peer_message = self.router.hear
        self.node.start(self.started.append)

    def ask(self, command: Any) -> list[Any]:
        """Send it; the list returned fills with its answers. There must be one in the end."""
        answers: list[Any] = []
        self.router.send(command, answers.append)
        return answers


class World:
    def __init__(
        self,
        random: Random | None = None,
        *,
        lease_seconds: float = 5.0,
        **database: Any,
    ) -> None:
        """What ``FakeDatabase`` is told is for a ``LogRoom``, unless ``database`` says otherwise."""
        self.lease_seconds = lease_seconds
        self.scheduler = FakeScheduler(random)
        self.network = FakeNetwork(self.scheduler)
        self.database = FakeDatabase(
            self.scheduler,
            lease_seconds=lease_seconds,
            **{"read": log_room.read, "refuses": log_room.refuses, **database},
        )

    def kill(self, process: Process) -> None:
        """Like kill -9: it does nothing more, nobody listens there, and its death can be proven."""
        process.hub.kill()
        self.network.be_deaf(process.relay)
        self.database.gone.add(process.node.node_id)

    def log(self, room_id: str = "lobby") -> list[Said]:
        return [row.event for row in self.row(room_id).log]

    def row(self, room_id: str = "lobby") -> RoomRow:
        return self.database.rooms[room_id]


class OneNode(World):
    """A world with a single node, started, whose storage fares as ``fates`` plans."""

    def __init__(self, *, idle_seconds: float = 60.0, looks_up: bool = True) -> None:
        super().__init__()
        self.fates = Fates()
        self.process = Process(self, "a", fates=self.fates, idle_seconds=idle_seconds, looks_up=looks_up)
        self.node, self.audience, self.meter = self.process.node, self.process.audience, self.process.meter
        self.scheduler.run()

    def ask(self, command: Any) -> list[Any]:
        return self.process.ask(command)

    def tell(self, *commands: Any) -> list[Any]:
        """Ask all of them at once, let everything happen that is due, and return one answer each."""
        answers = [self.ask(command) for command in commands]
        self.scheduler.run()
        assert all(len(heard) == 1 for heard in answers), answers
        return [heard[0] for heard in answers]

    def after(self, seconds: float) -> None:
        self.scheduler.run_for(seconds)
