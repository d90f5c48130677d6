"""The edge of one node in memory: real connections, conversation, kernel and rooms; the rest is fakes."""

from __future__ import annotations

import itertools
from functools import partial
from typing import Any, cast

from chatapp.access import Access
from chatapp.gateway.delivery.audience import Audience
from chatapp.gateway.delivery.connections import Connection, Connections
from chatapp.gateway.delivery.recipients import PlainRecipient
from chatapp.gateway.talk.aspect import TalkContext
from chatapp.gateway.talk.conversation import Conversation
from chatapp.gateway.talk.joined_rooms import JoinedRooms
from chatapp.gateway.wire.listeners import Listeners
from chatapp.gateway.wire.plain import PlainSocket
from chatapp.kernel.node import Node
from chatapp.kernel.router import Router
from chatapp.limits.held import HeldBytes
from chatapp.limits.rates import Rates
from chatapp.metrics import Metrics
from chatapp.rooms.attendance.aspect import GetPresence
from chatapp.rooms.attendance.sessions import SessionRecord
from chatapp.rooms.commands import Tick
from chatapp.rooms.room import Room
from chatapp.runtime import HubScheduler
from tests.fakes.meter import FakeMeter
from tests.fakes.scheduler import FakeScheduler
from tests.fakes.storage import FakeDatabase, FakeStorage, Fates, RoomRow
from tests.room_rules import RULES


class FakeAccess:
    """A log in which each room has five events; says which rooms' heads were asked for."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def heads(self, room_ids: list[str], *, done: Any) -> None:
        self.asked.append(room_ids)
        done(dict.fromkeys(room_ids, 5))

    def page(self, room_id: str, *, done: Any, **_asked: Any) -> None:
        done("a page")

    def search(self, room_id: str, user_id: str, query: Any, *, done: Any, **_asked: Any) -> None:
        done(query.terms)

    def lookup(self, room_id: str, user_id: str, client_ids: list[str], *, done: Any) -> None:
        done({})


class FakeSocket:
    """A plain socket that somebody reads: ``answers`` is what was said to this one alone."""

    def __init__(self) -> None:
        self.answers: list[bytes | str] = []
        self.close_codes: list[int] = []
        self.held_bytes = 0

    def send(self, text: bytes | str) -> None:
        self.answers.append(text)

    def send_broadcast(self, ready_frames: bytes) -> None:
        """Read and forgotten."""

    def close(self, code: int) -> None:
        self.close_codes.append(code)


def present(row: RoomRow) -> list[SessionRecord]:
    last = {(r.user_id, r.device): r for r in row.records if isinstance(r, SessionRecord)}
    return [record for record in last.values() if record.is_present]


class Edge:
    """One node with its real rooms, over a fake database, and whoever is connected."""

    def __init__(self) -> None:
        self.scheduler, self.fates, ids = FakeScheduler(), Fates(), itertools.count(1)
        self.database = FakeDatabase(self.scheduler, read=lambda row, questions: [], remember=present)
        storage = FakeStorage(self.database, world=self.scheduler, hub=self.scheduler, fates=self.fates)
        hub = HubScheduler()
        self.connections, self.rates = Connections(), Rates(self.scheduler.elapsed)
        self.access, self.held = FakeAccess(), HeldBytes()
        self.listeners, self.metrics = Listeners(hub, lambda eio_sid: None), Metrics()
        self.audience = Audience(
            listeners=self.listeners,
            namespace="/chat",
            connections=self.connections,
            scheduler=hub,
            on_delivered=lambda count: None,
        )
        self.node = Node(
            storage=storage,
            nodes=storage,
            scheduler=self.scheduler,
            audience=self.audience,
            meter=FakeMeter(),
            awaken=partial(Room, rules=RULES, new_id=lambda: str(next(ids))),
            tick=lambda room_id, *, is_last: Tick(room_id=room_id, is_last=is_last),
            new_node_id=lambda: "n_1",
            lease_seconds=5,
            idle_seconds=60,
        )
        self.router = Router(self.node)
        self.joined_rooms = JoinedRooms(
            router=self.router,
            audience=self.audience,
            connections=self.connections,
            rates=self.rates,
            scheduler=self.scheduler,
        )
        self.context = TalkContext(
            router=self.router,
            joined_rooms=self.joined_rooms,
            access=cast(Access, self.access),
            rates=self.rates,
            clock=self.node.clock,
            scheduler=self.scheduler,
            metrics=self.metrics,
            history_limit=100,
        )
        self.conversation = Conversation(self.context)
        self.node.start(lambda error: None)
        self.scheduler.run()

    def connect(self, user_id: str) -> Connection:
        connection = Connection(
            user_id=user_id,
            name=user_id,
            device="d",
            address="::1",
            recipient=PlainRecipient(cast(PlainSocket, FakeSocket())),
        )
        self.connections.add(connection)
        return connection

    def hear(self, who: Connection, name: str, **payload: Any) -> list[Any]:
        """The list returned gets the answer: an ack, or the code of a refusal."""
        answers: list[Any] = []
        self.conversation.hear(
            who, name, [{"room": "lobby", **payload}], lambda answer: answers.append(code_or_ack(answer))
        )
        return answers

    def hear_out(self, who: Connection, name: str, **payload: Any) -> list[Any]:
        """The same, and the answer is there."""
        answers = self.hear(who, name, **payload)
        self.after(1)
        return answers

    def disconnect(self, who: Connection, *, on_purpose: bool = False) -> None:
        self.connections.remove(who)
        self.joined_rooms.leave_all(who, on_purpose=on_purpose)

    def after(self, seconds: float) -> None:
        self.scheduler.run_for(seconds)

    def people(self) -> set[str]:
        """Who the room says is there, to somebody who comes to look."""
        looker = self.connect("looker")
        self.hear(looker, "join")
        self.after(1)
        found: list[Any] = []
        self.router.send(GetPresence(room_id="lobby", member=looker.rooms["lobby"]), found.append)
        self.after(1)
        return {person.id for person in found[0].people} - {"looker"}


def code_or_ack(answer: Any) -> Any:
    return getattr(answer, "code", answer)
