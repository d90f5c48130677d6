"""Messages: one order, exactly once."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from chatapp.errors import ChatError, Conflict, NotJoined
from chatapp.rooms.commands import Tick
from chatapp.rooms.events import RoomEvent
from chatapp.rooms.messages.aspect import Posted
from chatapp.rooms.messages.recent_ids import KnownIds
from tests.unit.rooms.house import (
    ANA,
    BEN,
    START,
    House,
    disconnect,
    http_post,
    join,
    leave,
    only,
    post,
    rules,
)


def test_messages_get_the_next_seq_and_reach_everybody_with_the_session_s_name(house: House) -> None:
    house.join(ANA)
    house.join(BEN)

    posted = house.post(ANA, "c1", "hello")

    assert posted == Posted(seq=1, id=house.storage.events[0].id, ts=START, is_duplicate=False)
    event = house.said[0]
    assert (event.seq, event.type, event.user_id, event.user_name) == (1, "message", "ana", "Ana")
    assert event.body == b'{"content":"hello"}'
    assert len(event.content_hash) == 16
    assert house.post(BEN, "c1").seq == 2  # an id is one person's own


def test_time_never_falls_along_the_log(house: House) -> None:
    house.ask(http_post("ana", "c1"))
    house.now -= 5_000

    posted = house.ask(http_post("ana", "c2"))

    assert posted.ts == START


def test_only_who_has_joined_may_speak_over_a_socket(house: House) -> None:
    with pytest.raises(NotJoined):
        house.post(ANA, "c1")
    house.join(ANA)
    house.say(leave(ANA))
    with pytest.raises(NotJoined):
        house.post(ANA, "c1")
    house.join(ANA)
    house.say(disconnect(ANA))
    with pytest.raises(NotJoined):  # in grace: the device is here, this connection is not
        house.post(ANA, "c1")

    assert house.storage.events == []


def test_a_send_without_a_socket_needs_no_session(house: House) -> None:
    assert house.ask(http_post("ana", "c1")).seq == 1


@pytest.mark.parametrize("sleeps", [False, True])
def test_a_repeat_is_answered_with_the_first_seq(house: House, sleeps: bool) -> None:
    first = house.ask(http_post("ana", "c1"))
    house.ask(http_post("ana", "c2"))
    if sleeps:
        house.wake()
    house.now += 1_000

    again = house.ask(http_post("ana", "c1"))

    assert again == Posted(seq=1, id=first.id, ts=first.ts, is_duplicate=True)
    assert len(house.storage.events) == 2


def test_the_same_id_twice_in_one_batch_is_stored_once(house: House) -> None:
    first, second = house.say(http_post("ana", "c1"), http_post("ana", "c1"))

    assert (first.seq, first.is_duplicate) == (1, False)
    assert (second.seq, second.is_duplicate) == (1, True)


@pytest.mark.parametrize("sleeps", [False, True])
def test_the_same_id_with_other_content_is_a_conflict(house: House, sleeps: bool) -> None:
    house.ask(http_post("ana", "c1", "this"))
    if sleeps:
        house.wake()

    with pytest.raises(Conflict):
        house.ask(http_post("ana", "c1", "that"))


def test_what_is_said_again_is_a_duplicate_once_its_text_has_gone(house: House) -> None:
    """There is nothing left to compare it with, and it must not be stored twice."""
    first = house.ask(http_post("ana", "c1", "this"))
    house.storage.events[0] = replace(house.storage.events[0], content_hash=b"")
    house.wake()

    again = house.ask(http_post("ana", "c1", "that"))

    assert (again.is_duplicate, again.seq) == (True, first.seq)


def test_a_refusal_in_a_batch_costs_the_others_nothing(house: House) -> None:
    house.join(ANA)

    answers = house.say(post(ANA, "c1"), post(BEN, "c2"), post(ANA, "c3"))

    assert [getattr(answer, "seq", None) for answer in answers] == [1, None, 2]
    assert isinstance(answers[1], ChatError)


def test_who_asks_again_after_leaving_is_told_that_it_is_stored(house: House) -> None:
    """Refused for good and yet on everybody's screen would be a lie."""
    house.join(ANA)
    first = house.post(ANA, "c")
    house.ask(leave(ANA))

    again = house.post(ANA, "c", is_retry=True)
    assert (again.seq, again.is_duplicate) == (first.seq, True)
    with pytest.raises(NotJoined):
        house.post(ANA, "another", is_retry=True)


def test_memory_of_ids_is_bounded_and_a_retry_finds_the_older_ones() -> None:
    house = House(rules(remembered_ids=3, ids_looked_up_after_wake_ms=0))
    house.join(ANA)
    for n in range(5):
        house.post(ANA, f"c{n}")
    house.asked.clear()

    assert house.post(ANA, "c4", is_retry=True).is_duplicate
    assert house.asked == []  # memory knew it
    assert house.post(ANA, "c0", is_retry=True).seq == 1
    assert [question.keys for question in house.asked_for(KnownIds)] == [(("ana", "c0"),)]


def test_for_a_minute_after_a_wake_every_id_is_looked_up(house: House) -> None:
    house.ask(http_post("ana", "c1"))
    house.wake()
    house.now += 59_999
    house.say(http_post("ana", "c1"), http_post("ana", "c1"))
    assert house.asked_for(KnownIds)[-1].keys == (("ana", "c1"),)

    house.now += 1
    house.ask(http_post("ana", "c2"))
    house.asked.clear()
    house.ask(http_post("ana", "c3"))
    assert house.asked == []


def test_a_warm_room_reads_nothing_for_a_message() -> None:
    house = House(rules(ids_looked_up_after_wake_ms=0))
    house.join(ANA)
    house.asked.clear()

    for n in range(300):
        house.post(ANA, f"c{n}")

    assert house.asked == []
    assert only(house.heard["ana/tab"], RoomEvent) == house.storage.events


def test_a_command_that_nobody_knows_is_a_bug_not_a_refusal(house: House) -> None:
    with pytest.raises(TypeError):
        house.say(object())


def test_a_tick_of_a_quiet_room_says_nothing(house: House) -> None:
    house.say(Tick(room_id="lobby"))

    assert house.said == []
    assert house.is_quiet()


def test_a_room_comes_into_being_by_a_first_join_or_message_and_by_nothing_else() -> None:
    assert [word.creates for word in (join(ANA), http_post("ana", "c1"))] == [True, True]
    assert not join(ANA, may_create=False).creates
    assert not any(word.creates for word in (leave(ANA), disconnect(ANA), Tick(room_id="lobby")))


def test_a_room_whose_log_was_empty_knows_every_id_and_looks_none_up(house: House) -> None:
    house.join(ANA)
    house.asked.clear()

    house.post(ANA, "c1")
    again = house.post(ANA, "c1", is_retry=True)

    assert again.is_duplicate
    assert house.asked == []


def test_a_room_that_has_forgotten_an_id_looks_up_again_when_it_is_told_of_a_retry() -> None:
    """Its log was empty when it woke: who says nothing of a retry can only mean something new."""
    house = House(rules(remembered_ids=2))
    house.fill(3)
    house.asked.clear()

    house.say(http_post("writer", "new"))
    house.say(http_post("writer", "said before", is_retry=True))

    assert [question.keys for question in house.asked_for(KnownIds)] == [(("writer", "said before"),)]
