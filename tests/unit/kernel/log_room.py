"""The smallest durable object that can tell a good kernel from a bad one.

It appends what people say to a log, knows what it has heard before, lets members in and out,
keeps notes back until a tick, and breaks where a command asks it to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from chatapp.errors import Muted
from chatapp.kernel.durable_object import Deferred, Turn
from chatapp.kernel.ports import Acquired
from tests.fakes.storage import RoomRow

LOOKUP_MS = 60_000  # for so long after a wake every id is looked up

# --- commands -----------------------------------------------------------------------------


class Command:
    def repeated(self) -> Any:
        return self


@dataclass(frozen=True, kw_only=True)
class Say(Command):
    """``text`` may be "rude" (refused), "poison" (the database refuses the row), "bug in <method>"."""

    room_id: str = "lobby"
    user_id: str = "ana"
    client_id: str
    text: str = "hello"
    is_retry: bool = False
    creates: bool = True

    def repeated(self) -> Say:
        return replace(self, is_retry=True)


@dataclass(frozen=True, kw_only=True)
class Enter(Command):
    room_id: str = "lobby"
    member: Any = "ana"
    after: int | None = None
    creates: bool = True


@dataclass(frozen=True, kw_only=True)
class Exit(Command):
    room_id: str = "lobby"
    member: Any = "ana"
    creates: bool = False


@dataclass(frozen=True, kw_only=True)
class Look(Command):
    """What is the head? Answered from memory."""

    room_id: str = "lobby"
    creates: bool = False


@dataclass(frozen=True, kw_only=True)
class Note(Command):
    """Keep a value back, and store it after so many milliseconds."""

    room_id: str = "lobby"
    value: str
    after_ms: int = 2_000
    creates: bool = False


@dataclass(frozen=True, kw_only=True)
class Tick(Command):
    room_id: str
    is_last: bool = False
    creates: bool = False


def tick(room_id: str, *, is_last: bool) -> Tick:
    return Tick(room_id=room_id, is_last=is_last)


# --- what happened, and answers -------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Said:
    seq: int
    ts: int
    user_id: str
    client_id: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Posted:
    seq: int
    is_duplicate: bool = False


@dataclass(frozen=True, kw_only=True)
class Entered:
    head: int
    missed: tuple[Said, ...] = ()


# --- what it asks storage for ---------------------------------------------------------------

Id = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Need:
    ids: frozenset[Id]
    after: int | None


def read(row: RoomRow, need: Need) -> tuple[dict[Id, int], list[Said]]:
    """What the database does for a ``Need``."""
    known = {(r.event.user_id, r.event.client_id): r.event.seq for r in row.log}
    missed = [] if need.after is None else [r.event for r in row.log if r.event.seq > need.after]
    return {key: known[key] for key in need.ids & known.keys()}, missed


def refuses(event: Said) -> bool:
    return event.text == "poison"


class LogRoom:
    """``dedupes`` off makes a broken build, ``looks_up`` off one that relies on the database."""

    def __init__(
        self, acquired: Acquired, now_ms: int, *, dedupes: bool = True, looks_up: bool = True
    ) -> None:
        self.deadline_ms: int | None = None
        self._head = acquired.lease.last_seq
        self._ts = acquired.lease.last_at
        self._lookups_end = now_ms + LOOKUP_MS
        self._dedupes = dedupes
        self._looks_up = looks_up and dedupes
        self._known: dict[Id, int] = {}
        self._stored: list[Said] = []
        self._kept_back: list[str] = []
        self._bug: str | None = None

    def need(self, commands: Sequence[Any], now_ms: int) -> Need | None:
        says = [c for c in commands if isinstance(c, Say)]
        self._bug = next((c.text for c in says if c.text.startswith("bug in ")), None)
        self._break_in("need")
        ids = frozenset(
            (c.user_id, c.client_id)
            for c in says
            if self._looks_up and (c.is_retry or now_ms < self._lookups_end)
        )
        unknown = ids - self._known.keys()
        afters = [c.after for c in commands if isinstance(c, Enter) and c.after is not None]
        if not unknown and not afters and self._bug != "bug in learn":
            return None
        return Need(ids=unknown, after=min(afters, default=None))

    def learn(self, found: tuple[dict[Id, int], list[Said]]) -> None:
        self._break_in("learn")
        known, self._stored = found
        self._known |= known

    def handle(self, command: Any, turn: Turn) -> Any:
        match command:
            case Say():
                return self._say(command, turn)
            case Enter():
                turn.admit(command.member)
                return Deferred(lambda: self._entered(command, turn))
            case Exit():
                turn.dismiss(command.member)
            case Look():
                return self._head
            case Note():
                self._kept_back.append(command.value)
                due_ms = turn.now_ms + command.after_ms
                self.deadline_ms = min(due_ms, self.deadline_ms or due_ms)
            case Tick():
                self._on_tick(command, turn)
        return None

    def _say(self, command: Say, turn: Turn) -> Posted:
        if command.text == "rude":
            raise Muted
        key = (command.user_id, command.client_id)
        if self._dedupes and key in self._known:
            return Posted(seq=self._known[key], is_duplicate=True)
        self._head += 1
        if command.text == "bug in handle":
            raise ZeroDivisionError(command.text)  # with the memory half changed
        self._ts = max(turn.now_ms, self._ts)
        self._known[key] = self._head
        turn.log(Said(seq=self._head, ts=self._ts, user_id=key[0], client_id=key[1], text=command.text))
        return Posted(seq=self._head)

    def _entered(self, command: Enter, turn: Turn) -> Entered:
        after = self._head if command.after is None else command.after
        missed = [event for event in (*self._stored, *turn.events) if event.seq > after]
        return Entered(head=self._head, missed=tuple(missed))

    def _on_tick(self, command: Tick, turn: Turn) -> None:
        if self.deadline_ms is None or (turn.now_ms < self.deadline_ms and not command.is_last):
            return
        for value in self._kept_back:
            turn.record(value)
        turn.signal(f"stored {len(self._kept_back)}")
        self._kept_back, self.deadline_ms = [], None

    def finish(self, turn: Turn) -> None:
        self._break_in("finish")

    def _break_in(self, method: str) -> None:
        if self._bug == f"bug in {method}":
            raise ZeroDivisionError(self._bug)
