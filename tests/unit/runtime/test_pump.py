"""The pump: who has room is sent a piece in turn, and nobody else waits."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from chatapp.runtime import Pump, SharedBytes, SharedPiece, sleep
from chatapp.runtime.sending import pump as module

PIECE = 16_384


class Bytes:
    """So many, in pieces; what the pump asked for is noted."""

    def __init__(self, size: int, asked: list[Bytes] | None = None) -> None:
        self.left = size
        self.is_held = False
        self._asked = asked if asked is not None else []

    def piece(self) -> SharedPiece | None:
        self._asked.append(self)
        self.is_held = self.left > 0
        size = min(self.left, PIECE)
        return SharedPiece(SharedBytes(bytes(size)), 0, size) if size else None

    def sent(self, size: int) -> None:
        self.left -= size

    def let_go(self) -> None:
        self.is_held = False


class Witness(Bytes):
    """Sees how important the thread is that asks it, and how important the test's."""

    def __init__(self) -> None:
        super().__init__(0)
        self.nice: list[int] = []

    def piece(self) -> SharedPiece | None:
        self.nice.append(os.getpriority(os.PRIO_PROCESS, 0))
        return super().piece()


class Place:
    """Clients of one pump, and what it has said of each."""

    def __init__(self, stack: ExitStack) -> None:
        self.stack = stack
        self.pump = Pump("test")
        self.ended: list[tuple[Bytes, BaseException | None]] = []
        self.progress: dict[Bytes, list[int]] = {}

    def send(self, source: Bytes) -> tuple[socket.socket, socket.socket]:
        client, ours = (self.stack.enter_context(end) for end in socket.socketpair())
        for end in (client, ours):
            end.setblocking(False)
        noted = self.progress.setdefault(source, [])
        self.pump.send(ours, source, lambda error: self.ended.append((source, error)), noted.append)
        return client, ours

    def until_ended(self, count: int) -> None:
        for _ in range(5_000):
            if len(self.ended) == count:
                return
            sleep(0.001)
        raise AssertionError(f"{len(self.ended)} of {count} have ended")


@pytest.fixture
def place() -> Iterator[Place]:
    with ExitStack() as stack:
        place = Place(stack)
        yield place
        place.pump.stop()


def taken(client: socket.socket) -> int:
    size = 0
    while True:
        try:
            size += len(client.recv(65_536))
        except BlockingIOError:
            return size


def test_what_a_source_has_is_sent_and_then_it_is_told(place: Place) -> None:
    source = Bytes(3 * PIECE + 1)
    client, _ = place.send(source)
    place.until_ended(1)

    assert place.ended == [(source, None)]
    assert taken(client) == 3 * PIECE + 1
    assert sum(place.progress[source]) == 3 * PIECE + 1
    assert not len(place.pump)


def test_of_many_that_end_together_all_are_told(place: Place) -> None:
    sources = [Bytes(1) for _ in range(5 * module.TOLD_A_TURN)]
    for source in sources:
        place.send(source)
    while len(place.pump._finished) < len(sources):  # the hub stands still
        pass
    place.until_ended(len(sources))

    assert [source for source, _ in place.ended] == sources


def test_who_takes_nothing_holds_nobody_up_and_has_nothing_held_for_it(place: Place) -> None:
    stuck = Bytes(64 * 2**20)
    client, _ = place.send(stuck)
    for _ in range(5_000):
        if stuck.left < 64 * 2**20 and not stuck.is_held:
            break
        sleep(0.001)
    others = [Bytes(PIECE) for _ in range(5)]
    for other in others:
        place.send(other)
    place.until_ended(5)

    assert [source for source, _ in place.ended] == others
    assert not stuck.is_held
    left = stuck.left
    taken(client)
    for _ in range(5_000):
        if stuck.left < left:
            break
        sleep(0.001)
    assert stuck.left < left


def test_everybody_has_one_piece_in_turn(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Bytes] = []
    begun = Bytes(PIECE)  # the thread is there
    place.send(begun)
    place.until_ended(1)
    long, short = Bytes(4 * PIECE, asked), Bytes(PIECE, asked)
    place.send(long)
    place.send(short)
    place.until_ended(3)

    assert [source for source, _ in place.ended] == [begun, short, long]
    assert asked.index(short) < 5


def test_one_whose_client_is_gone_fails_alone(place: Place) -> None:
    gone, stays = Bytes(64 * 2**20), Bytes(PIECE)
    client, _ = place.send(gone)
    client.close()
    place.until_ended(1)
    place.send(stays)
    place.until_ended(2)

    assert isinstance(place.ended[0][1], OSError)
    assert place.ended[1] == (stays, None)


def test_one_that_is_shut_down_while_it_waits_for_room_ends(place: Place) -> None:
    source = Bytes(64 * 2**20)
    _, ours = place.send(source)
    for _ in range(5_000):
        if source.left < 64 * 2**20 and not source.is_held:
            break
        sleep(0.001)
    ours.shutdown(socket.SHUT_RDWR)
    place.until_ended(1)

    assert isinstance(place.ended[0][1], OSError)


def test_a_source_that_fails_ends_its_own_answer_only(place: Place) -> None:
    class Failing(Bytes):
        def piece(self) -> SharedPiece | None:
            raise RuntimeError("no")

    place.send(Failing(1))
    place.send(Bytes(PIECE))
    place.until_ended(2)

    assert sorted(type(error).__name__ for _, error in place.ended) == ["NoneType", "RuntimeError"]


def test_how_far_it_has_come_is_told_meanwhile(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PROGRESS_SECONDS", 0.01)
    source = Bytes(64 * 2**20)
    place.send(source)
    progress = place.progress[source]
    for _ in range(5_000):
        if len(progress) > 3 and progress[-1] == 0:
            break
        sleep(0.001)

    assert progress[-1] == 0  # it waits for room
    assert sum(progress) == 64 * 2**20 - source.left


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a thread has no priority of its own")
def test_the_hub_goes_before_the_bytes_of_files(place: Place) -> None:
    witness = Witness()
    place.send(witness)
    place.until_ended(1)

    assert witness.nice == [max(module.NICE, os.getpriority(os.PRIO_PROCESS, 0))]


def test_where_its_place_cannot_be_given_up_it_sends_all_the_same(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "setpriority", refuse)
    source = Bytes(PIECE)
    place.send(source)
    place.until_ended(1)

    assert place.ended == [(source, None)]
