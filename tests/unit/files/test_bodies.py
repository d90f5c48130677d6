"""Bodies of files: what their clients get, and what is held for those who read slowly."""

from __future__ import annotations

import socket
import weakref
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, ClassVar, cast

import pytest

from chatapp.files import units
from chatapp.files.port import ObjectMissing
from chatapp.files.ranges import Span
from chatapp.files.units import UNIT_BYTES
from chatapp.runtime import Pump, SharedBytes, sleep, spawn
from chatapp.runtime.bounds.shares import Shares
from chatapp.runtime.sending import pump
from chatapp.runtime.server import answering
from chatapp.runtime.server.answering import Answer
from chatapp.store.uploads.uploads import UploadPart
from chatapp.web.file_bodies import FIRST_BYTES, FileBodies

PART = UNIT_BYTES + 1_000
SERVED = cast(Any, SimpleNamespace(parts=(UploadPart("a/0", PART), UploadPart("a/1", PART))))
SIZE = 2 * PART
BYTES = bytes(range(251)) * (SIZE // 251 + 1)


class Seen(SharedBytes):
    """A unit that can be seen to go."""

    all: ClassVar[list[weakref.ref[Seen]]] = []

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.all.append(weakref.ref(self))

    @classmethod
    def held(cls) -> int:
        return sum(unit() is not None for unit in cls.all)


class Files:
    """Answers at once, with what is at this place of the file."""

    def fetch(self, name: str, start: int, end: int, done: Callable[[Any], None]) -> None:
        done(self.get(name, start, end))

    def get(self, name: str, start: int, end: int) -> bytes:
        of_part = BYTES[int(name[2:]) * PART :][:PART]
        return of_part[start:end]


class World:
    def __init__(self, its_pump: Pump) -> None:
        self.files = Files()
        scheduler = SimpleNamespace(elapsed=lambda: 0.0, call_later=lambda _seconds, _call: None)
        self.bodies = FileBodies(cast(Any, self.files), cast(Any, scheduler), its_pump)
        self.client, self._ours = socket.socketpair()
        self._ours.setblocking(False)
        self._ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8_192)
        self.client.setblocking(False)
        self.unread: Shares[Answer] = Shares(each=9, total=9, evict=lambda answer, _why: answer.cut())
        self.errors: list[BaseException] = []
        self.is_over = False

    def send(self, span: Span) -> bytes:
        """Begin; what WSGI is given."""
        first = self.bodies.first(SERVED, span)
        answer = Answer(cast(Any, SimpleNamespace(fd=self._ours)), "here", self.unread)
        body = self.bodies.body(SERVED, span, first, answer)

        def go_on() -> None:
            try:
                assert list(body) == [first]
            except OSError as error:
                self.errors.append(error)
            self.is_over = True

        spawn(go_on)
        return first

    def read(self) -> bytes:
        """All that comes, until it is over."""
        came = b""
        while True:
            is_over = self.is_over
            try:
                while piece := self.client.recv(65_536):
                    came += piece
            except BlockingIOError:
                pass
            if is_over:
                return came
            sleep(0.001)

    def stand_still(self) -> None:
        """Until the client's room is full, and nothing of it is held beside what is kept for all."""
        for _ in range(5_000):
            self.bodies.units._kept.clear()  # as after a few seconds
            if len(self.unread) and not Seen.held():
                return
            sleep(0.001)
        raise AssertionError(f"{Seen.held()} units are held")

    def close(self) -> None:
        self.client.close()
        self._ours.close()


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(units, "SharedBytes", Seen)
    monkeypatch.setattr(Seen, "all", [])
    its_pump = Pump("test")
    world = World(its_pump)
    yield world
    its_pump.stop()
    world.close()


@pytest.mark.parametrize("span", [Span(0, SIZE), Span(100, PART + 5), Span(SIZE - 1, SIZE)])
def test_a_client_gets_what_it_asked_for_over_parts_and_units(world: World, span: Span) -> None:
    first = world.send(span)

    assert len(first) == min(FIRST_BYTES, span.size)
    assert first + world.read() == BYTES[span.start : span.end]
    assert not world.errors
    assert not len(world.unread)


def test_who_waits_for_a_slow_client_holds_no_unit(world: World) -> None:
    """What is kept for all is bounded; of what a body held beside it there would be one for each client."""
    first = world.send(Span(0, SIZE))

    world.stand_still()

    assert first + world.read() == BYTES[:SIZE]  # what was dropped is fetched again


def test_one_that_is_cut_while_it_waits_is_over(world: World) -> None:
    world.send(Span(0, SIZE))
    world.stand_still()

    world.unread.evict_one("node")
    world.read()

    assert world.errors
    assert not len(world.unread)


def test_who_takes_nothing_for_too_long_is_cut(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pump, "PROGRESS_SECONDS", 0.01)
    monkeypatch.setattr(answering, "WRITE_SECONDS", 0.1)
    monkeypatch.setattr(answering, "WRITTEN_BYTES_PER_SECOND", 1 << 30)

    world.send(Span(0, SIZE))
    for _ in range(2_000):
        if world.is_over:
            break
        sleep(0.001)

    assert world.errors
    assert not len(world.unread)


def test_who_takes_something_stays_as_long_as_that_needs(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pump, "PROGRESS_SECONDS", 0.01)
    monkeypatch.setattr(answering, "WRITE_SECONDS", 0.1)
    monkeypatch.setattr(answering, "WRITTEN_BYTES_PER_SECOND", 4_096)
    seconds = 0.0
    monkeypatch.setattr(answering, "boottime", lambda: seconds)

    first = world.send(Span(0, SIZE))
    world.stand_still()
    sleep(0.05)  # what it has taken is told
    seconds = 0.3
    sleep(0.05)  # and that it takes nothing more

    assert not world.is_over
    assert first + world.read() == BYTES[:SIZE]


def test_bytes_that_are_gone_end_the_answer_where_it_is(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = world.send(Span(0, SIZE))
    world.stand_still()
    monkeypatch.setattr(world.files, "get", lambda _name, _start, _end: b"")

    came = first + world.read()

    assert BYTES.startswith(came)
    assert len(came) < SIZE
    assert isinstance(world.errors[0].__cause__, ObjectMissing)
