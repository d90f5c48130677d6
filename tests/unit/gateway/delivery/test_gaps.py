"""Gaps: what is missing is read, what is too far is left to clients, what has waited long is read anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from chatapp.errors import StorageUnavailable
from chatapp.gateway.delivery.encoded_updates import encode_update
from chatapp.gateway.delivery.gaps import RETRY_SECONDS, TOO_FAR, WAITS_SECONDS, Gaps
from chatapp.gateway.delivery.listening import Listening
from chatapp.relay.peer_messages import EncodedUpdate
from chatapp.rooms.events import RoomEvent
from chatapp.rooms.messages.pages import EVENTS_A_ROW
from tests.fakes.scheduler import FakeScheduler


class House:
    """A room somebody listens to, and a log that answers when the test says so."""

    def __init__(self) -> None:
        self.scheduler = FakeScheduler()
        self.room = Listening()
        self.room.recipients["a connection"] = object()  # type: ignore[assignment]
        self.told: list[tuple[int, str]] = []
        self.resyncs = 0
        self.counts: list[Callable[[Any], None]] = []
        self.reads: list[tuple[int, Callable[[Any], None]]] = []
        self.gaps = Gaps(
            {"lobby": self.room}, self.scheduler, tell=self._tell, resync=self._on_resync, site=""
        )
        self.gaps.read_log = lambda room_id, *, after, limit, done: self.reads.append((after, done))
        self.gaps.count_rows = lambda room_id, *, after, done: self.counts.append(done)

    def _tell(self, room: Listening, room_id: str, epoch: int, updates: Sequence[EncodedUpdate]) -> None:
        for update in updates:
            assert update.seq is not None
            self.told.append((update.seq, "old" if b"old words" in (update.socketio or b"") else "new"))
            room.head = update.seq

    def _on_resync(self, room: Listening, room_id: str) -> None:
        self.resyncs += 1

    def hear(self, seq: int) -> None:
        self.gaps.hand_out(
            self.room, "lobby", 1, [encode_update("lobby", event(seq, "old words"), with_plain=False)]
        )

    def read(self, *seqs: int) -> int:
        """The log answers with these, as they are now; behind which place was asked."""
        after, done = self.reads.pop(0)
        done([event(seq, "new words") for seq in seqs])
        return after


def event(seq: int, content: str) -> RoomEvent:
    return RoomEvent(
        room_id="lobby",
        seq=seq,
        type="message",
        id=f"e{seq}",
        ts=seq,
        user_id="u_ana",
        user_name="Ana",
        client_id=f"c{seq}",
        body=b'{"content":"%b"}' % content.encode(),
    )


@pytest.fixture
def house() -> House:
    return House()


def test_what_waited_for_a_moment_is_told_as_it_came(house: House) -> None:
    house.hear(2)
    house.scheduler.run_for(WAITS_SECONDS / 2)
    house.read(1)

    assert house.told == [(1, "new"), (2, "old")]


def test_what_waited_for_long_is_told_as_it_is_by_now(house: House) -> None:
    """The database was away; what the owner had told may have been taken back."""
    house.hear(2)
    house.hear(3)
    house.scheduler.run_for(WAITS_SECONDS + 1)
    house.hear(4)
    house.read(1)

    assert house.told == [(1, "new")]
    assert house.read(2) == 1
    assert house.read(3) == 2
    assert house.told == [(1, "new"), (2, "new"), (3, "new"), (4, "old")]
    assert not house.room.waiting


@pytest.mark.parametrize(("rows", "resyncs"), [(TOO_FAR, 0), (TOO_FAR + 1, 1)])
def test_what_is_too_far_is_counted_in_rows(house: House, rows: int, resyncs: int) -> None:
    """Twenty people with thumbs do not cost everybody what they have missed."""
    house.gaps.fill(house.room, "lobby", TOO_FAR * EVENTS_A_ROW)
    [counted] = house.counts
    counted(rows)

    assert (house.resyncs, len(house.reads)) == (resyncs, 1 - resyncs)
    assert house.room.head == (TOO_FAR * EVENTS_A_ROW if resyncs else 0)


def test_what_is_that_far_whatever_it_is_is_not_counted(house: House) -> None:
    house.gaps.fill(house.room, "lobby", TOO_FAR * EVENTS_A_ROW + 1)

    assert (house.resyncs, house.counts, house.reads) == (1, [], [])


def test_a_few_are_read_at_once(house: House) -> None:
    house.gaps.fill(house.room, "lobby", TOO_FAR)

    assert (house.counts, len(house.reads)) == ([], 1)


def test_a_count_that_fails_is_asked_again(house: House) -> None:
    house.gaps.fill(house.room, "lobby", TOO_FAR + 1)
    house.counts.pop()(StorageUnavailable())
    assert house.counts == []

    house.scheduler.run_for(RETRY_SECONDS)
    house.counts.pop()(1)
    assert len(house.reads) == 1
