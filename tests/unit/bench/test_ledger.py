from __future__ import annotations

from dataclasses import dataclass

import pytest

from bench.connection import Seat
from bench.ledger import Ledger

SIZE = 250


@dataclass
class Guest:
    """Somebody in the room, without a socket."""

    number: int
    is_counting: bool = False
    room: str = "room"
    events: int = 0
    bytes: int = 0
    gaps: int = 0
    acked: int = 0

    @property
    def seat(self) -> Seat:
        return Seat(token="", room=self.room)

    def begin_ledger(self) -> None:
        self.events = self.bytes = self.gaps = self.acked = 0

    def receive(self, messages: int) -> None:
        self.bytes += messages * SIZE
        self.events += 0 if self.is_counting else messages


@pytest.fixture
def talker() -> Guest:
    return Guest(0)


@pytest.fixture
def counter() -> Guest:
    return Guest(1, is_counting=True)


@pytest.fixture
def ledger(talker: Guest, counter: Guest) -> Ledger:
    return Ledger([talker, counter])


def test_deliveries_are_what_arrived_with_those_who_decode_and_those_who_count(
    ledger: Ledger, talker: Guest, counter: Guest
) -> None:
    talker.receive(10)
    counter.receive(8)
    assert ledger.delivered() == 18

    counter.receive(2)
    assert ledger.delivered() == 2


def test_a_run_in_which_everybody_received_what_was_acked_agrees(
    ledger: Ledger, talker: Guest, counter: Guest
) -> None:
    talker.acked = 10
    talker.receive(10)
    counter.receive(10)

    assert ledger.disagreements() == []


def test_a_byte_too_few_with_somebody_who_counts_is_noticed(
    ledger: Ledger, talker: Guest, counter: Guest
) -> None:
    talker.acked = 10
    talker.receive(10)
    counter.receive(10)
    counter.bytes -= 1

    assert len(ledger.disagreements()) == 1


def test_an_acked_message_that_nobody_heard_is_noticed(ledger: Ledger, talker: Guest, counter: Guest) -> None:
    talker.acked = 11
    talker.receive(10)
    counter.receive(10)

    assert ledger.disagreements() == ["room: 11 messages acked, [10] heard"]


def test_disorder_is_noticed(ledger: Ledger, talker: Guest) -> None:
    talker.gaps = 2

    assert ledger.disagreements() == ["room: 2 times out of order"]


def test_rooms_are_held_apart() -> None:
    here, there = Guest(0), Guest(1, room="there")
    ledger = Ledger([here, there])
    here.acked = 5
    here.receive(5)

    assert ledger.delivered() == 5
    assert ledger.disagreements() == []
