"""Presence: told seldom, never wrong."""

from __future__ import annotations

import pytest

from chatapp.errors import NotJoined
from chatapp.rooms.attendance.people import PersonJoined, PersonLeft
from chatapp.rooms.attendance.presence import PresenceChanged
from chatapp.rooms.commands import Tick
from tests.unit.rooms.house import (
    ANA,
    BEN,
    House,
    disconnect,
    get_presence,
    ids_of,
    join,
    kinds,
    leave,
    member,
    only,
    rules,
    sign_out,
)

CLEO = member("cleo")
PLAIN = member("pia", lingers=False)


def test_the_first_change_is_told_at_once_and_further_ones_together(house: House) -> None:
    house.join(ANA)
    house.join(BEN)
    house.join(CLEO)
    assert only(house.said, PresenceChanged) == []

    assert house.pass_time(249) == []
    (change,) = house.pass_time(1)

    assert (change.version, change.count, change.is_full) == ((1, 2), 3, False)
    assert (ids_of(change.joined), change.left, change.changed) == ({"ben", "cleo"}, [], [])
    assert ids_of(change.people) == {"ana", "ben", "cleo"}
    assert house.is_quiet()


def test_who_comes_and_goes_between_two_tellings_is_not_told_of(house: House) -> None:
    house.join(ANA)
    house.join(BEN)
    house.say(leave(BEN))

    assert house.pass_time(1_000) == []
    assert house.ask(get_presence(ANA)).version == (1, 1)


def test_an_answer_and_the_next_change_fit_together(house: House) -> None:
    """Cleo's answer may not show Ben, who is gone before anybody else is told of him."""
    house.join(ANA)
    house.join(BEN)
    seen = house.join(CLEO).presence
    house.say(leave(BEN))
    house.pass_time(1_000)

    assert (seen.version, ids_of(seen.people), seen.count) == ((1, 1), {"ana", "cleo"}, 2)
    (change,) = only(house.heard["cleo/tab"], PresenceChanged)
    assert change.version == (1, 2)
    assert ids_of(seen.people) | ids_of(change.joined) - ids_of(change.left) == {"ana", "cleo"}


def test_presence_is_answered_to_those_who_joined(house: House) -> None:
    with pytest.raises(NotJoined):
        house.ask(get_presence(ANA))
    house.join(ANA)

    assert ids_of(house.ask(get_presence(ANA)).people) == {"ana"}


def test_presence_is_answered_as_it_is_at_the_end_of_the_batch(house: House) -> None:
    house.join(ANA)
    house.pass_time(250)

    answer, _ = house.say(get_presence(ANA), join(BEN))

    assert (answer.version, ids_of(answer.people)) == ((1, 2), {"ana", "ben"})


def test_a_lost_person_lingers_is_shown_as_lost_and_then_leaves(house: House) -> None:
    house.join(ANA)
    house.join(BEN)
    house.pass_time(1_000)

    lost_at = house.now
    house.say(disconnect(BEN))
    assert kinds(house.said) == ["PresenceChanged"]
    assert [(p.id, p.devices, p.lost_at) for p in house.said[0].changed] == [("ben", 0, lost_at)]
    assert "ben/tab" not in house.audience
    assert [record.user_id for record in house.storage.present()] == ["ana", "ben"]

    assert house.pass_time(14_999) == []
    said = house.pass_time(1)
    assert kinds(said) == ["PersonLeft", "PresenceChanged"]
    assert ids_of(said[1].left) == {"ben"}
    assert [record.user_id for record in house.storage.present()] == ["ana"]
    assert house.is_quiet()


def test_who_is_back_within_the_grace_never_left(house: House) -> None:
    house.join(ANA)
    house.join(BEN)
    house.say(disconnect(BEN))
    house.pass_time(14_000)

    house.join(member("ben", connection="new"))
    said = [*house.said, *house.pass_time(60_000)]

    assert kinds(said) == ["PresenceChanged"]
    assert [(p.id, p.lost_at) for p in said[0].changed] == [("ben", None)]


def test_grace_ends_for_each_in_its_own_time(house: House) -> None:
    for who in (ANA, BEN, CLEO):
        house.join(who)
    house.say(disconnect(BEN))
    house.pass_time(5_000)
    house.say(disconnect(CLEO))

    first = only(house.pass_time(10_000), PersonLeft)
    second = only(house.pass_time(5_000), PersonLeft)

    assert [left.person.id for left in (*first, *second)] == ["ben", "cleo"]


def test_who_is_lost_was_there_until_then_and_not_until_the_grace_ended(house: House) -> None:
    """Rooms are listed by when one was there last: coming into another one meanwhile is later."""
    house.join(ANA)
    house.join(BEN)
    house.pass_time(1_000)
    lost_at = house.now
    house.say(disconnect(BEN))
    house.pass_time(60_000)

    ended = house.storage.sessions["ben", "tab"]
    assert (ended.is_present, ended.seen_at) == (False, lost_at)


def test_a_late_word_of_an_older_connection_does_not_begin_the_grace_anew(house: House) -> None:
    house.join(BEN)
    house.say(disconnect(BEN))
    house.pass_time(10_000)

    house.say(disconnect(member("ben", connection="older")))

    assert len(only(house.pass_time(5_000), PersonLeft)) == 1


def test_a_person_is_lost_since_the_last_of_their_devices_was(house: House) -> None:
    phone = member("ben", device="phone")
    house.say(join(ANA), join(BEN), join(phone))
    house.say(disconnect(BEN))
    house.pass_time(1_000)

    house.say(disconnect(phone))

    assert [(p.devices, p.lost_at) for p in house.said[0].changed] == [(0, house.now)]


def test_one_of_two_devices_lost_is_a_change_of_their_number(house: House) -> None:
    phone = member("ben", device="phone")
    for who in (ANA, BEN, phone):
        house.join(who)
    house.pass_time(1_000)

    house.say(disconnect(phone))
    assert [(p.devices, p.lost_at) for p in house.said[0].changed] == [(1, None)]

    house.pass_time(1_000)
    house.say(leave(BEN))
    (change,) = only(house.said, PresenceChanged)
    assert [(p.devices, p.lost_at) for p in change.changed] == [(0, house.now - 1_000)]
    assert only(house.said, PersonLeft) == []


def test_leaving_is_at_once_and_so_is_any_end_in_the_plain_dialect(house: House) -> None:
    for who in (ANA, BEN, PLAIN):
        house.join(who)

    house.say(leave(BEN))
    assert [left.person.id for left in only(house.said, PersonLeft)] == ["ben"]
    house.say(disconnect(PLAIN))
    assert [left.person.id for left in only(house.said, PersonLeft)] == ["pia"]
    assert kinds(house.heard["ana/tab"]).count("PersonLeft") == 2


def test_signing_out_ends_every_session_of_that_person_and_of_nobody_else(house: House) -> None:
    """One device is connected here, one elsewhere, one within its grace; none can come back."""
    elsewhere, lost = member("ana", device="phone", node="there"), member("ana", device="pad")
    for who in (ANA, elsewhere, lost, BEN):
        house.join(who)
    house.say(disconnect(lost))

    house.say(sign_out(ANA), sign_out(ANA))

    assert [left.person.id for left in only(house.said, PersonLeft)] == ["ana"]
    assert house.ask(get_presence(BEN)).count == 2  # as it was told last
    house.pass_time(250)
    assert ids_of(house.ask(get_presence(BEN)).people) == {"ben"}
    assert {record.user_id for record in house.storage.present()} == {"ben"}
    assert house.join(member("cleo", name="Ana")).head == 0


def test_signing_out_where_one_is_not_changes_nothing(house: House) -> None:
    house.join(BEN)

    house.say(sign_out(ANA))

    assert house.said == []


def test_a_crowd_is_counted_not_named() -> None:
    house = House(rules(presence_names_limit=3))
    crowd = [member(f"p{n}") for n in range(5)]
    house.say(*(join(who) for who in crowd[:3]))
    assert len(only(house.said, PersonJoined)) == 3
    house.pass_time(250)

    joined = house.join(crowd[3])
    assert kinds(house.said) == ["PresenceChanged"]
    change = house.said[0]
    assert (change.people, change.joined, change.count, change.is_full) == (None, (), 4, False)
    assert (joined.presence.people, joined.presence.count) == (None, 4)
    assert joined.arrival.person.id == "p3"

    house.pass_time(250)
    house.say(leave(crowd[3]), join(crowd[4]))  # the same number: nothing to tell
    assert house.said == []

    house.say(leave(crowd[4]))
    (change,) = house.said
    assert (change.is_full, change.joined, change.left, change.count) == (True, (), (), 3)
    assert ids_of(change.people) == {"p0", "p1", "p2"}
    house.pass_time(250)
    house.say(leave(crowd[0]))
    assert ids_of(only(house.said, PresenceChanged)[0].left) == {"p0"}


def test_visitors_without_a_sign_in_hide_nobody_else_s_name() -> None:
    house = House(rules(presence_names_limit=3))
    visitors = [member(f"v{n}", lingers=False) for n in range(5)]
    house.say(join(ANA), join(BEN), join(visitors[0]))
    house.pass_time(250)

    joined = house.join(visitors[1])  # the fourth: now those who have signed in are named
    (change,) = house.said
    assert (change.is_full, ids_of(change.people), change.count) == (True, {"ana", "ben"}, 4)
    assert (ids_of(joined.presence.people), joined.presence.count) == ({"ana", "ben"}, 4)
    assert joined.arrival.person.id == "v1"

    house.pass_time(250)
    house.join(visitors[2])
    (change,) = house.said
    assert (list(change.joined), list(change.left)) == ([], [])
    assert (change.is_full, change.count) == (False, 5)
    house.pass_time(250)
    house.say(leave(visitors[2]), join(visitors[3]))  # the same number: nothing to tell
    assert house.said == []

    house.pass_time(250)
    house.join(CLEO)
    told = only(house.said, PresenceChanged)[0]
    assert (ids_of(told.joined), told.is_full, told.count) == ({"cleo"}, False, 6)
    assert [line.person.id for line in only(house.said, PersonJoined)] == ["cleo"]
    house.pass_time(250)
    house.say(leave(BEN))
    assert ids_of(only(house.said, PresenceChanged)[0].left) == {"ben"}

    house.pass_time(250)
    house.say(join(BEN), join(member("dan")))  # too many of these as well
    assert only(house.said, PresenceChanged)[0].people is None
    house.pass_time(250)
    house.say(leave(BEN))
    told = only(house.said, PresenceChanged)[0]
    assert (told.is_full, ids_of(told.people), told.count) == (True, {"ana", "cleo", "dan"}, 6)


def test_a_visitor_who_signs_in_is_named_from_then_on_and_not_after_that_has_ended() -> None:
    house = House(rules(presence_names_limit=2))
    house.say(join(ANA), *(join(member(f"v{n}", lingers=False)) for n in range(3)))
    house.pass_time(250)

    house.join(member("v0", device="tab"))
    assert ids_of(only(house.said, PresenceChanged)[0].joined) == {"v0"}
    house.pass_time(250)
    house.say(leave(member("v0", device="tab")))
    assert ids_of(only(house.said, PresenceChanged)[0].left) == {"v0"}


def test_who_was_told_no_names_hears_all_of_them_although_their_number_never_grew_for_others() -> None:
    house = House(rules(presence_names_limit=3))
    crowd = [member(f"p{n}") for n in range(4)]
    house.say(*(join(who) for who in crowd[:3]))  # and then nothing is told for a while

    *_, joined = house.say(leave(crowd[2]), join(crowd[3]))
    assert joined.presence.people is None
    (change,) = house.pass_time(250)

    assert (change.is_full, ids_of(change.people)) == (True, {"p0", "p1", "p3"})


def test_before_the_node_stops_everything_kept_back_is_told(house: House) -> None:
    house.join(ANA)
    house.join(BEN)

    house.say(Tick(room_id="lobby", is_last=True))

    assert [ids_of(change.joined) for change in house.said] == [{"ben"}]
