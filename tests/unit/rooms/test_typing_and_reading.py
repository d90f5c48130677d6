"""Typing: the whole set, which cannot stick. Read cursors: the furthest, on all devices."""

from __future__ import annotations

import pytest

from chatapp.errors import NotJoined
from chatapp.rooms.attendance.typists import TypingChanged
from chatapp.rooms.commands import Tick
from chatapp.rooms.reading import ReadAt, ReadMoved, ReadsOf
from tests.unit.rooms.house import (
    ANA,
    BEN,
    House,
    disconnect,
    ids_of,
    join,
    leave,
    member,
    only,
    read,
    rules,
    typing,
)


@pytest.fixture
def pair(house: House) -> House:
    house.say(join(ANA), join(BEN))
    house.pass_time(1_000)
    return house


def typists(said: list[object]) -> list[set[str]]:
    return [ids_of(change.people) for change in only(said, TypingChanged)]


def test_who_types_is_told_at_once_then_at_most_once_an_interval(pair: House) -> None:
    assert pair.ask(typing(ANA)) is None
    assert typists(pair.said) == [{"ana"}]
    assert pair.said[0].ttl_ms == 6_000

    pair.say(typing(BEN))
    assert pair.said == []
    pair.say(typing(ANA, on=False))
    assert typists(pair.pass_time(250)) == [{"ben"}]


def test_who_starts_and_stops_between_two_tellings_is_not_told_of(pair: House) -> None:
    pair.say(typing(ANA))
    pair.say(typing(BEN))
    pair.say(typing(BEN, on=False))

    assert typists(pair.pass_time(1_000)) == []


def test_typing_ends_by_itself(pair: House) -> None:
    pair.say(typing(ANA))
    pair.pass_time(1_000)
    pair.say(typing(BEN))

    assert typists(pair.pass_time(4_999)) == []
    assert typists(pair.pass_time(1)) == [{"ben"}]
    assert typists(pair.pass_time(1_000)) == [set()]
    assert pair.is_quiet()


def test_who_types_on_is_told_again_before_the_others_give_up(pair: House) -> None:
    pair.say(typing(ANA))
    pair.pass_time(3_000)
    pair.say(typing(ANA))

    assert typists(pair.said) == [{"ana"}]
    assert typists(pair.pass_time(5_999)) == []
    assert typists(pair.pass_time(1)) == [set()]


def test_typing_ends_with_the_message_the_stay_or_the_connection(pair: House) -> None:
    for end in (
        lambda: pair.post(ANA, "c1"),
        lambda: pair.say(leave(ANA)),
        lambda: pair.say(disconnect(ANA)),
    ):
        pair.join(ANA)
        pair.say(typing(ANA))
        pair.pass_time(1_000)
        end()
        assert typists(pair.said) == [set()]
        pair.pass_time(1_000)


def test_a_crowd_of_typists_is_told_in_part() -> None:
    house = House(rules(typing_names_limit=3))
    crowd = [member(f"p{n}") for n in range(5)]
    house.say(*map(join, crowd))

    house.say(*map(typing, crowd))

    assert [len(people) for people in typists(house.said)] == [3]


def test_only_who_has_joined_types_and_reads(house: House) -> None:
    with pytest.raises(NotJoined):
        house.ask(typing(ANA))
    with pytest.raises(NotJoined):
        house.ask(read(ANA, 1))


def test_the_furthest_read_wins_and_the_head_is_the_end(pair: House) -> None:
    pair.fill(10)

    assert pair.ask(read(ANA, 4)) == ReadAt(seq=4)
    assert pair.said == [ReadMoved(user_id="ana", seq=4)]
    assert pair.ask(read(ANA, 2)) == ReadAt(seq=4)
    assert pair.said == []
    assert pair.ask(read(ANA, 999)) == ReadAt(seq=10)
    assert pair.ask(read(BEN, -5)) == ReadAt(seq=0)


def test_a_cursor_is_one_for_all_devices_of_a_person(pair: House) -> None:
    pair.fill(10)
    pair.ask(read(ANA, 7))

    assert pair.join(member("ana", device="phone")).read_seq == 7
    assert pair.ask(read(member("ana", device="phone"), 5)) == ReadAt(seq=7)


def test_cursors_are_stored_together_and_before_the_room_may_sleep(pair: House) -> None:
    pair.fill(10)
    pair.ask(read(ANA, 3))
    pair.pass_time(1_000)
    pair.ask(read(ANA, 4))
    pair.ask(read(BEN, 5))
    assert pair.storage.reads == {}
    assert pair.room.deadline_ms == pair.now + 1_000

    pair.pass_time(1_000)

    assert pair.storage.reads == {"ana": 4, "ben": 5}
    assert pair.is_quiet()
    pair.wake()
    assert pair.ask(read(ANA, 1)) == ReadAt(seq=4)


def test_who_goes_has_the_cursor_stored_and_finds_it_again(pair: House) -> None:
    pair.fill(10)
    pair.ask(read(ANA, 3))
    pair.say(leave(ANA))
    assert pair.storage.reads == {"ana": 3}

    assert pair.join(ANA).read_seq == 3
    pair.ask(read(ANA, 4))
    _, joined = pair.say(leave(ANA), join(ANA))
    assert joined.read_seq == 4
    assert pair.ask(read(ANA, 0)) == ReadAt(seq=4)


def test_before_the_node_stops_cursors_are_stored(pair: House) -> None:
    pair.fill(1)
    pair.ask(read(ANA, 1))

    pair.say(Tick(room_id="lobby", is_last=True))

    assert pair.storage.reads == {"ana": 1}
    pair.ask(read(BEN, 1))
    assert pair.storage.reads == {"ana": 1}  # the last word was that one only


def test_the_cursor_of_who_has_gone_is_not_kept_in_memory(pair: House) -> None:
    pair.say(leave(ANA))
    pair.asked.clear()

    pair.join(ANA)

    assert [question.user_ids for question in pair.asked_for(ReadsOf)] == [("ana",)]


def test_who_loses_the_connection_has_the_cursor_stored_at_once(pair: House) -> None:
    """Who goes to the list of rooms should not find there as unread what was just read."""
    pair.fill(10)
    pair.ask(read(ANA, 3))

    pair.say(disconnect(ANA))

    assert pair.storage.reads == {"ana": 3}
