"""What rooms ask and keep, and the parts of the store that know it."""

from __future__ import annotations

from typing import Any

import pytest

from chatapp.kernel.ports import Outcome
from chatapp.rooms import room
from chatapp.rooms.aspect import Question
from chatapp.rooms.events import Record
from chatapp.store.parts import readers_of, writers_of
from tests.contracts.worlds import DatabaseWorld, event, write


def declared(base: type) -> set[type]:
    """What the aspects of a room declare, all of which ``room`` imports."""
    assert room.ASPECTS
    kinds: list[type] = base.__subclasses__()
    return {kind for kind in kinds if kind.__module__.startswith("chatapp.")}


def test_every_question_has_a_reader_and_every_record_a_writer(sqlite_world: DatabaseWorld) -> None:
    parts = sqlite_world.store.parts

    assert set(readers_of(parts)) == declared(Question)
    assert set(writers_of(parts)) == declared(Record)


@pytest.mark.parametrize("merge", [readers_of, writers_of])
def test_two_parts_that_know_the_same_are_an_error(sqlite_world: DatabaseWorld, merge: Any) -> None:
    parts = sqlite_world.store.parts

    with pytest.raises(TypeError, match="declared twice"):
        merge([*parts, parts[1]])


class Forgotten(Record, frozen=True, kw_only=True):
    room_id: str


def test_a_record_without_a_writer_is_not_passed_over_in_silence(sqlite_world: DatabaseWorld) -> None:
    lease = sqlite_world.acquire("lobby", sqlite_world.node()).lease
    forgotten = write(lease, event("lobby", 1), records=[Forgotten(room_id="lobby")])

    assert sqlite_world.commit([forgotten]) == [Outcome.REFUSED]
    assert sqlite_world.commit([write(lease, event("lobby", 1))]) == [Outcome.COMMITTED]
