"""A name is its owner's: while they are here, and while something is left of what they wrote under it."""

from __future__ import annotations

from typing import Any

import pytest

from chatapp.errors import NameTaken
from chatapp.rooms.attendance.likeness import digest
from chatapp.rooms.attendance.names import Names
from chatapp.rooms.events import RoomEvent
from tests.unit.rooms.house import (
    ANA,
    BEN,
    HOUR,
    House,
    disconnect,
    get_presence,
    http_post,
    join,
    leave,
    member,
    only,
    post,
    snapshot,
)

STRANGER = member("stranger", name="Ben")


def digests_of(*likenesses: str) -> set[str]:
    return {digest("lobby", likeness) for likeness in likenesses}


def come_and_write(house: House) -> None:
    house.join(BEN)
    house.post(BEN, "c1")


@pytest.mark.parametrize("sleeps", [False, True])
def test_who_takes_the_name_of_somebody_whose_phone_sleeps_is_refused_it(house: House, sleeps: bool) -> None:
    house.join(ANA)
    come_and_write(house)
    wrote_at = house.now
    house.say(disconnect(BEN))
    house.pass_time(15_001)
    if sleeps:
        house.wake()

    with pytest.raises(NameTaken) as refusal:
        house.join(STRANGER)
    back = house.join(member("ben", connection="again"))

    assert refusal.value.extra == {"suggestion": "Ben 2", "wrote_at": wrote_at}
    assert back.arrival.person.name == "Ben"


@pytest.mark.parametrize("name", ["Веn", "BEN\u200b", "Ｂen"], ids=ascii)
def test_nor_one_that_looks_like_it(house: House, name: str) -> None:
    come_and_write(house)
    house.say(leave(BEN))
    house.wake()

    with pytest.raises(NameTaken):
        house.join(member("stranger", name=name))


def test_who_only_read_has_left_no_name(house: House) -> None:
    house.join(BEN)
    house.say(leave(BEN))

    assert house.join(STRANGER).arrival.person.name == "Ben"


@pytest.mark.parametrize("sleeps", [False, True])
def test_a_name_is_free_when_nothing_is_left_of_what_was_written_under_it(house: House, sleeps: bool) -> None:
    come_and_write(house)
    house.say(leave(BEN))
    if sleeps:
        house.wake()
    house.now += 24 * HOUR

    assert house.join(STRANGER).arrival.person.name == "Ben"


def test_an_offered_name_is_nobody_s_who_has_gone_either(house: House) -> None:
    for user, name in (("ben", "Ben"), ("ben2", "Ben 2"), ("ben3", "ben 3")):
        house.join(member(user, name=name))
        house.post(member(user, name=name), "c1")
        house.say(leave(member(user, name=name)))
    house.wake()

    with pytest.raises(NameTaken) as refusal:
        house.join(STRANGER)

    assert refusal.value.extra["suggestion"] == "Ben 4"


def test_in_one_batch_too(house: House) -> None:
    house.join(BEN)
    *_, refused = house.say(post(BEN, "c1"), leave(BEN), join(STRANGER))

    assert isinstance(refused, NameTaken)


def test_somebody_who_writes_without_being_here_has_a_name_and_respects_others(house: House) -> None:
    house.ask(http_post("Bot", "c1"))
    house.wake()

    with pytest.raises(NameTaken):
        house.join(member("stranger", name="Bot"))
    house.join(member("Bot", name="bot"))
    house.wake()
    with pytest.raises(NameTaken):
        house.ask(http_post("Воt", "c1"))


def test_the_first_message_under_a_name_since_the_wake_stores_it_and_no_other(house: House) -> None:
    house.join(BEN)
    house.post(BEN, "c1")
    first = dict(house.storage.names)
    house.now += 1_000
    house.post(BEN, "c2")
    (of_ben,) = digests_of("ben")
    assert house.storage.names == first == {(of_ben, "ben"): house.now - 1_000}

    house.wake()
    house.post(BEN, "c3")

    assert house.storage.names == {(of_ben, "ben"): house.now}


def test_a_room_that_never_sleeps_stores_a_name_anew_when_all_before_has_expired(house: House) -> None:
    come_and_write(house)
    house.now += 24 * HOUR

    house.post(BEN, "c2")

    (of_ben,) = digests_of("ben")
    assert house.storage.names == {(of_ben, "ben"): house.now}


def test_somebody_owns_three_names_at_most_and_gives_up_the_one_taken_first(house: House) -> None:
    for number, name in enumerate(("Ben", "Benny", "Iris", "Benjamin", "Bo")):
        house.now += 1_000
        house.join(member("ben", name=name))
        house.post(BEN, f"c{number}")
        if name == "Iris":
            house.wake()

    assert {likeness for likeness, _ in house.storage.names} == digests_of("iris", "lris", "benjarnin", "bo")
    house.join(member("stranger", name="Benny"))
    with pytest.raises(NameTaken):
        house.join(member("other", name="Iris"))


def test_a_name_that_was_given_up_is_free_at_once_and_owned_anew_by_who_speaks_under_it_again(
    house: House,
) -> None:
    for number, name in enumerate(("Alma", "Iris", "Vera", "Olga", "Alma")):
        house.now += 1_000
        house.join(member("ben", name=name))
        house.post(member("ben", name=name), f"c{number}")
        if name == "Olga":
            house.join(member("looker", name="Alma"))
            house.say(leave(member("looker", name="Alma")))

    for is_asleep in (False, True):
        if is_asleep:
            house.wake()
        with pytest.raises(NameTaken):
            house.join(member("thief", name="Alma"))
        house.join(member("other", name="Iris"))
        house.say(leave(member("other", name="Iris")))


def test_a_crowd_of_one_name_costs_each_who_comes_a_few_looks(house: House, monkeypatch: Any) -> None:
    looks: list[str] = []
    is_taken = Names._is_taken

    def look(self: Names, user_id: str, name: str) -> bool:
        looks.append(name)
        return is_taken(self, user_id, name)

    monkeypatch.setattr(Names, "_is_taken", look)
    for number in range(200):
        house.join(member(f"agent {number}", name="Agent", lingers=False))
    looks.clear()

    house.join(member("one more", name="Agent", lingers=False))

    assert len(looks) < 50


def test_who_wants_a_name_that_is_taken_is_not_offered_the_one_they_have(house: House) -> None:
    come_and_write(house)
    house.join(member("other", name="Ben 2"))

    with pytest.raises(NameTaken) as refusal:
        house.join(member("other", name="Ben"))

    assert refusal.value.extra["suggestion"] == "Ben 3"


def test_who_asks_for_another_number_gets_that_one(house: House) -> None:
    house.join(member("seven", name="Agent 7", lingers=False))
    joined = house.join(member("seven", name="Agent 8", device="second", lingers=False))

    assert joined.arrival.person.name == "Agent 8"


def test_a_name_that_was_one_s_own_before_is_not_one_more(house: House) -> None:
    for number, name in enumerate(("Ben", "Benny", "Bo", "Ben")):
        house.now += 1_000
        house.join(member("ben", name=name))
        house.post(BEN, f"c{number}")

    assert {likeness for likeness, _ in house.storage.names} == digests_of("ben", "benny", "bo")


def test_a_name_under_which_nothing_was_said_in_the_end_costs_none_of_the_others(house: House) -> None:
    for number, name in enumerate(("Ben", "Benny", "Bo")):
        house.now += 1_000
        house.join(member("ben", name=name))
        house.post(member("ben", name=name), f"c{number}")
    house.wake()
    house.join(member("ben", name="Benjamin"))
    house.join(member("ben", name="Benny"))

    house.post(BEN, "c4")

    assert {likeness for likeness, _ in house.storage.names} == digests_of("ben", "benny", "bo")


def test_of_very_many_who_wrote_the_room_remembers_some_and_storage_all(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatapp.rooms.attendance.names.REMEMBERED", 3)
    for n in range(5):
        house.ask(http_post(f"writer {n}", "c1"))

    assert len(house.storage.names) == 5
    with pytest.raises(NameTaken):
        house.join(member("stranger", name="Writer 0"))


# --- the plain dialect ----------------------------------------------------------------------


@pytest.mark.parametrize("is_here", [True, False])
def test_whoever_is_refused_no_name_is_shown_with_a_number_behind_one_that_is_taken(
    house: House, is_here: bool
) -> None:
    come_and_write(house)
    if not is_here:
        house.say(leave(BEN))
        house.wake()
    plain = member("plain", name="Ben", lingers=False)

    joined = house.join(plain)
    house.post(plain, "c1")

    assert joined.arrival.person.name == "Ben 2"
    assert [event.user_name for event in only(house.said, RoomEvent)] == ["Ben 2"]
    assert [person.name for person in joined.presence.people or ()][-1] == "Ben 2"


def test_and_with_the_same_one_on_each_of_their_connections_and_when_they_are_back(house: House) -> None:
    house.join(BEN)
    plain = member("plain", name="Ben", lingers=False)
    house.join(plain)
    house.join(member("other", name="ben", lingers=False))
    second = house.join(member("plain", name="Ben", device="second", lingers=False))
    house.post(plain, "c1")
    for device in ("tab", "second"):
        house.say(leave(member("plain", device=device)))
    again = house.join(plain)

    assert second.arrival.person.name == again.arrival.person.name == "Ben 2"


def test_a_snapshot_that_brings_another_connection_of_theirs_changes_no_number(house: House) -> None:
    """Nobody is asked then whose the name is."""
    come_and_write(house)
    house.say(leave(BEN))
    house.wake()
    plain = member("plain", name="Ben", lingers=False)
    house.join(plain)

    twin = member("plain", name="Ben", device="second", lingers=False)
    house.say(snapshot("here", plain, twin))
    house.pass_time(250)

    assert [person.name for person in house.ask(get_presence(plain)).people or ()] == ["Ben 2"]


def test_their_name_is_theirs_too_while_they_wrote_under_it(house: House) -> None:
    plain = member("plain", name="Ben", lingers=False)
    house.join(plain)
    house.post(plain, "c1")
    house.say(leave(plain))

    with pytest.raises(NameTaken):
        house.join(STRANGER)
    assert house.join(plain).arrival.person.name == "Ben"
