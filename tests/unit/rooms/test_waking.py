"""Waking: who was here is here, whoever told the room to sleep, or nobody did."""

from __future__ import annotations

import msgspec
import pytest

from chatapp.errors import NotJoined
from chatapp.rooms.attendance.people import PersonLeft
from chatapp.rooms.attendance.presence import PresenceChanged
from tests.unit.rooms.house import (
    ANA,
    BEN,
    House,
    attach,
    disconnect,
    get_presence,
    http_post,
    ids_of,
    join,
    leave,
    member,
    only,
    post,
)

PLAIN = member("pia", lingers=False)


def test_a_wake_after_a_sleep_tells_nobody_anything(house: House) -> None:
    house.say(join(ANA), join(BEN))
    house.pass_time(1_000)

    house.wake()

    assert house.is_quiet()
    house.post(ANA, "c1")
    assert house.said == house.storage.events
    assert house.ask(get_presence(BEN)).version == (2, 0)


def test_the_first_change_of_an_epoch_is_told_whole(house: House) -> None:
    """Versions of another epoch cannot be continued: nobody could see a hole between them."""
    house.join(ANA)
    house.wake()

    house.join(BEN)
    (change,) = only(house.said, PresenceChanged)
    assert (change.version, change.is_full, ids_of(change.people)) == ((2, 1), True, {"ana", "ben"})
    assert (change.joined, change.left, change.changed) == ((), (), ())

    house.pass_time(1_000)
    house.say(leave(BEN))
    (change,) = only(house.said, PresenceChanged)
    assert (change.version, change.is_full, ids_of(change.left)) == ((2, 2), False, {"ben"})


def test_a_wake_after_a_drop_tells_everybody_the_whole(house: House) -> None:
    """Ben's coming was stored and its telling lost with the memory."""
    house.join(ANA)
    house.join(BEN)

    house.wake(was_released=False)

    assert [(c.is_full, ids_of(c.people)) for c in house.pass_time(0)] == [(True, {"ana", "ben"})]


def test_a_failed_commit_leaves_the_room_as_it_was(house: House) -> None:
    house.join(ANA)
    house.pass_time(1_000)
    house.say(join(BEN), post(BEN, "c1"), store=False)

    house.wake(was_released=False)

    with pytest.raises(NotJoined):
        house.post(BEN, "c1")
    assert house.join(BEN).head == 0


def test_after_a_restart_everybody_is_lost_until_they_come_back(house: House) -> None:
    house.say(join(ANA), join(BEN))
    house.restart()

    joined = house.join(ANA)
    assert {p.id: p.lost_at for p in joined.presence.people or ()} == {"ana": None, "ben": house.now}
    left = only(house.pass_time(15_000), PersonLeft)
    assert [word.person.id for word in left] == ["ben"]
    assert house.is_quiet()


def test_after_a_restart_the_plain_dialect_is_gone_at_once(house: House) -> None:
    house.say(join(ANA), join(PLAIN))
    house.restart()

    joined = house.join(BEN)

    assert ids_of(joined.presence.people) == {"ana", "ben"}
    assert not house.storage.sessions["pia", "tab"].is_present
    assert house.storage.sessions["ana", "tab"].is_present


def test_a_session_on_another_live_node_is_not_lost(house: House) -> None:
    away = member("ana", node="there")
    house.storage.live_nodes.add("there")
    house.join(away)
    house.audience.clear()
    house.wake()

    assert house.is_quiet()
    assert house.post(away, "c1").seq == 1
    with pytest.raises(NotJoined):
        house.post(ANA, "c2")
    house.say(disconnect(away))
    assert not house.is_quiet()


def test_a_session_of_another_node_that_moves_here_is_known_by_its_connection(house: House) -> None:
    away = member("ana", node="there", connection="far")
    house.storage.live_nodes.add("there")
    house.join(away)
    house.audience.clear()
    house.wake()
    house.join(ANA)

    with pytest.raises(NotJoined):
        house.post(away, "c1")
    assert house.storage.sessions["ana", "tab"].node_id == "here"


def test_a_connection_without_a_stored_session_counts_and_keeps_its_attachment(house: House) -> None:
    """Its leaving was stored, but the commit's answer was lost: it was told to try again."""
    house.join(ANA, attachment='{"a":1}')
    house.join(member("ana", device="phone"))
    key = ("ana", "tab")
    house.storage.sessions[key] = msgspec.structs.replace(house.storage.sessions[key], is_present=False)
    house.audience["new/tab"] = member("new")

    house.wake(was_released=False)
    assert house.room.deadline_ms == 0
    (change,) = house.pass_time(0)

    assert ids_of(change.people) == {"ana", "new"}
    assert house.storage.sessions[key].is_present
    assert house.storage.sessions["new", "tab"].name == "New"
    assert house.ask(attach(ANA, '{"b":2}', is_merge=True)).value == '{"a":1,"b":2}'


def test_what_was_lost_between_two_lives_is_found_by_the_next(house: House) -> None:
    """The connection went while the room could not be told."""
    house.say(join(ANA), join(BEN))
    house.pass_time(1_000)
    house.say(disconnect(BEN), store=False)
    del house.audience["ben/tab"]
    house.wake(was_released=False)

    (change,) = house.pass_time(0)

    assert {p.id: p.lost_at for p in change.people} == {"ana": None, "ben": house.now}


def test_an_empty_room_wakes_silently(house: House) -> None:
    house.ask(http_post("ana", "c1"))
    house.wake(was_released=False)

    assert house.is_quiet()
