"""A person in a simulated room: what a client does with messages that change.

An outbox, a cursor, a nose for gaps; and a screen, to which what is heard is applied by the rules for
clients. Of what they say, a part is said without a socket, as over HTTP.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from chatapp.errors import ChatError
from chatapp.rooms.changing import DeleteMessage, EditMessage
from chatapp.rooms.commands import Authored, Command, Cursor, Join, Member
from chatapp.rooms.events import RoomEvent
from chatapp.rooms.joining import Joined
from chatapp.rooms.messages.aspect import PostFiles, PostMessage, PostReply
from chatapp.rooms.messages.targets import TargetId
from chatapp.rooms.reacting import React, Reacted, Reaction, as_error
from tests.unit.kernel.storm import GIVE_UP_SECONDS
from tests.unit.rooms.screen import Screen

if TYPE_CHECKING:
    from tests.unit.simulated.simulation import RoomSimulation

ROOM = "lobby"
PAGE = 6
GAP_SECONDS = 0.3  # before a gap is asked for
HEADS_SECONDS = 3.0  # between two looks at whether one is up to date
EMOJI = ("👍", "🎉", "❤️")
WITHOUT_A_SOCKET = 0.2
TWICE = 0.1  # is said by way of two processes at once
MAY_BE_ASKED_AGAIN = ("not_joined",)  # by whoever has joined again


@dataclass(kw_only=True)
class Wish:
    """Something to be said until it is answered for good; ``answer`` is what it was answered in the end."""

    command: Any
    attempts: int = 0
    was_given_up: bool = False
    answer: Any = None
    refusals: list[str] = field(default_factory=list)


class Person:
    def __init__(self, simulation: RoomSimulation, name: str, screen: Screen) -> None:
        self.name, self.user_id = name, f"u_{name}"
        self.screen = screen
        self.cursor = 0
        self.outbox: list[Wish] = []
        self.done: list[Wish] = []
        self.is_resting = False
        self.process = simulation.any_process()
        self._simulation = simulation
        self._later = simulation.world.scheduler.call_later
        self._random = simulation.random
        self.gone_back: list[str] = []  # texts that came back after a newer one had been on the screen
        self._texts_as_of: dict[int, float] = {}
        self._said: dict[int, RoomEvent] = {}  # messages that this client knows
        self._pending: dict[int, RoomEvent] = {}
        self._in_flight: object | None = None
        self._is_asking = False
        self.member = self._as_member()
        self.enter()
        self._watch()

    @property
    def is_content(self) -> bool:
        return not self.outbox and self.cursor == self._simulation.head

    def _look(self) -> None:
        """Changes come in order, so an older text that is put over a newer one does not stay: it is seen."""
        for seq, as_of in self.screen.texts_as_of():
            if as_of < self._texts_as_of.get(seq, 0):
                self.gone_back.append(f"{seq} went back to {as_of} for {self.name}")
            self._texts_as_of[seq] = as_of

    # --- speak --------------------------------------------------------------------------

    def speak(self, client_id: str) -> None:
        """Say something, or change something that was said."""
        said = self._random.choice([*self._said.values()]) if self._said else None
        own = [each for each in self._said.values() if each.user_id == self.user_id]
        mine = self._random.choice(own) if own else None
        chance = self._random.random()
        if said is not None and chance < 0.25:
            self._wish(self._reaction(said))
        elif mine is not None and chance < 0.45:
            self._wish(self._edit(mine, client_id))
        elif mine is not None and chance < 0.55:
            self._wish(self._authored(DeleteMessage, client_id, target=_id_of(mine)))
        elif said is not None and chance < 0.7:
            self._wish(self._post(PostReply, client_id, reply_to=_id_of(said)))
        elif said is not None and chance < 0.8:
            file = self._simulation.upload(f"file of {client_id}", self.user_id)
            self._wish(self._post(PostFiles, client_id, uploads=(file,)))
        else:
            self._wish(self._post(PostMessage, client_id))

    def _authored(self, kind: type[Authored], client_id: str, **more: Any) -> Authored:
        return kind(room_id=ROOM, author_id=self.user_id, client_id=client_id, member=self.member, **more)

    def _post(self, kind: type[PostMessage], client_id: str, **more: Any) -> Authored:
        content = f"words of {client_id}."
        return self._authored(kind, client_id, author_name=self.name, content=content, **more)

    def _edit(self, target: RoomEvent, client_id: str) -> Authored:
        return self._authored(EditMessage, client_id, target=_id_of(target), content=f"words of {client_id}.")

    def _reaction(self, target: RoomEvent) -> React:
        reaction = Reaction(
            user_id=self.user_id,
            name=self.name,
            target=_id_of(target),
            emoji=self._random.choice(EMOJI),
            on=self._random.random() < 0.6,
            member=self.member,
        )
        return React(room_id=ROOM, changes=(reaction,))

    def _wish(self, command: Command) -> None:
        self.outbox.append(Wish(command=command))
        self._pump()

    def _pump(self) -> None:
        if self._in_flight is not None or not self.outbox or self.is_resting:
            return
        wish = self.outbox[0]
        member = None if self._random.random() < WITHOUT_A_SOCKET else self.member
        command = _said_by(member, wish.command, is_retry=wish.attempts > 0)
        wish.attempts += 1
        self._in_flight = attempt = object()
        self._send(command, lambda answer: self._on_answer(attempt, wish, answer))
        if isinstance(command, Authored) and self._random.random() < TWICE:
            self._simulation.send(self._simulation.any_process(), command.repeated(), lambda answer: None)
        self._later(GIVE_UP_SECONDS, self._give_up, attempt, wish)

    def _send(self, command: Command, on_answer: Callable[[Any], None]) -> None:
        self._simulation.send(self.process, command, on_answer)

    def _on_answer(self, attempt: object, wish: Wish, answer: Any) -> None:
        if attempt is not self._in_flight:
            return
        self._in_flight = None
        answer = _refusal_in(answer) or answer
        if isinstance(answer, ChatError) and (answer.retryable or answer.code in MAY_BE_ASKED_AGAIN):
            wish.refusals.append(answer.code)
            if answer.code in MAY_BE_ASKED_AGAIN:
                self.enter()
            self._move_perhaps()
            self._later(0.05 + self._random.random() * 0.3, self._pump)
            return
        wish.answer = answer
        self.done.append(self.outbox.pop(0))
        self._pump()

    def _give_up(self, attempt: object, wish: Wish) -> None:
        if attempt is self._in_flight:
            self._in_flight = None
            wish.was_given_up = True
            self._move_perhaps()
            self._pump()

    # --- listen -------------------------------------------------------------------------

    def enter(self) -> None:
        """Join, or join again with the cursor: it is the same, and also how a gap is filled."""
        if self._is_asking or self.is_resting:
            return
        self._is_asking = True
        self.member = self._as_member()
        since = Cursor(stream_id=self._simulation.stream_id, seq=self.cursor)
        asked_at, answers = self._simulation.elapsed, []

        def entered(answer: Any) -> None:
            answers.append(answer)
            self._on_entered(asked_at, answer)

        self._send(Join(room_id=ROOM, member=self.member, since=since, limit=PAGE), entered)
        self._later(GIVE_UP_SECONDS, self._ask_again, answers)

    def _as_member(self) -> Member:
        node_id = self.process.node.node_id
        return Member(
            user_id=self.user_id,
            name=self.name,
            device="tab",
            connection_id=f"{self.name} at {node_id}",
            node_id=node_id,
        )

    def _on_entered(self, asked_at: float, answer: Any) -> None:
        self._is_asking = False
        if isinstance(answer, ChatError):
            self._move_perhaps()
            self._later(0.1 + self._random.random() * 0.3, self.enter)
        elif isinstance(answer, Joined):
            self._simulation.check_answer(asked_at, answer.events)
            self._read(answer.events)
            if answer.has_more:
                self.enter()

    def _ask_again(self, answers: Sequence[Any]) -> None:
        if not answers:
            self._is_asking = False
            self._move_perhaps()
            self.enter()

    def _read(self, events: Sequence[RoomEvent]) -> None:
        """An answer: what it brings is as of now, which may be later than what was heard of it."""
        self.screen.read(events)
        self._look()
        for event in events:
            self._note(event)
            if event.seq == self.cursor + 1:
                self.cursor += 1
        self._go_on()

    def hear(self, event: RoomEvent) -> None:
        if event.seq > self.cursor:
            self._pending[event.seq] = event
            self._go_on()
        if self._pending:
            self._later(GAP_SECONDS, self._fill_gap)

    def _go_on(self) -> None:
        self._pending = {seq: event for seq, event in self._pending.items() if seq > self.cursor}
        while (following := self._pending.pop(self.cursor + 1, None)) is not None:
            self.cursor += 1
            self._note(following)
            self.screen.hear(following)
            self._look()

    def _note(self, event: RoomEvent) -> None:
        if event.type == "message":
            self._said[event.seq] = event

    def _fill_gap(self) -> None:
        if self._pending:
            self.enter()

    def hear_head(self, head: int) -> None:
        if head > self.cursor:
            self.enter()

    def _watch(self) -> None:
        self.hear_head(self._simulation.head)
        self._later(HEADS_SECONDS, self._watch)

    def _move_perhaps(self) -> None:
        if self.process.hub.is_killed or self._random.random() < 0.4:
            self.process = self._simulation.any_process()
            self.enter()


def _id_of(message: RoomEvent) -> TargetId:
    return TargetId(seq=message.seq, id=message.id)


def _said_by(member: Member | None, command: Any, *, is_retry: bool) -> Any:
    if isinstance(command, React):
        return replace(command, changes=tuple(replace(each, member=member) for each in command.changes))
    return replace(command, member=member, is_retry=is_retry)


def _refusal_in(answer: Any) -> ChatError | None:
    """Of a reaction, which has an outcome of its own."""
    if isinstance(answer, Reacted) and answer.outcomes[0].refusal is not None:
        return as_error(answer.outcomes[0].refusal)
    return None
