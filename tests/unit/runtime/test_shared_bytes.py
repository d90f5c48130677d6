"""Bytes for many: as they were, as far as there is room, and without a descriptor to spare too."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from chatapp.runtime import SharedBytes, SharedPiece
from chatapp.runtime.bounds.descriptors import Descriptors

DATA = os.urandom(300_000)


def ordinary(data: bytes, monkeypatch: pytest.MonkeyPatch) -> SharedBytes:
    def none_left(*_: object) -> int:
        raise OSError("Too many open files")

    with monkeypatch.context() as patch:
        patch.setattr(os, "memfd_create", none_left, raising=False)
        return SharedBytes(data)


@pytest.fixture(params=["in a file", "ordinary"])
def share(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], SharedBytes]:
    return SharedBytes if request.param == "in a file" else lambda data: ordinary(data, monkeypatch)


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, client = socket.socketpair()
    with closing(ours), closing(client):
        ours.setblocking(False)
        yield ours, client


def test_each_part_is_as_it_was(share: Callable[[bytes], SharedBytes]) -> None:
    shared = share(DATA)

    assert len(shared) == len(DATA)
    assert bytes(shared) == DATA
    assert shared.read(7, 19) == DATA[7:19]
    assert shared.read(299_990, 400_000) == DATA[299_990:]
    assert bytes(SharedPiece(shared, 100, 5)) == DATA[100:105]
    assert bytes(share(b"")) == b""


def test_what_the_system_takes_arrives_and_then_there_is_no_room(
    share: Callable[[bytes], SharedBytes], pair: tuple[socket.socket, socket.socket]
) -> None:
    ours, client = pair
    shared, sent, came = share(DATA), 0, b""
    with suppress(BlockingIOError):
        while sent < 100 * len(DATA):
            begin = (sent + 1_000) % len(DATA)
            sent += SharedPiece(shared, begin, min(len(DATA) - begin, 10_000)).send(ours)
    assert 0 < sent < 100 * len(DATA)
    while len(came) < sent:
        came += client.recv(65_536)

    assert came == (DATA * (sent // len(DATA) + 2))[1_000:][:sent]


def test_the_last_descriptors_are_left_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Descriptors, "are_short", lambda _of, _number: True)
    before = len(os.listdir("/dev/fd"))
    shared = SharedBytes(DATA)

    assert len(os.listdir("/dev/fd")) == before
    assert bytes(shared) == DATA


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="elsewhere nobody says what is open")
def test_its_descriptor_goes_with_the_last_who_holds_it() -> None:
    before = len(os.listdir("/proc/self/fd"))
    shared = SharedBytes(DATA)
    piece = SharedPiece(shared, 0, 10)
    del shared
    assert bytes(piece) == DATA[:10]

    del piece

    assert len(os.listdir("/proc/self/fd")) == before
