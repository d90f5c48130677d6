"""Names: told apart by a reader, not only by a computer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.errors import NameTaken
from chatapp.rooms.attendance.likeness import digests
from chatapp.rooms.attendance.names import Names
from chatapp.rooms.attendance.people import PersonJoined
from chatapp.rooms.attendance.presence import PresenceChanged
from chatapp.rooms.sight import is_readable
from tests.room_rules import RULES
from tests.unit.rooms.house import ANA, HOUR, House, disconnect, http_post, member, only


@pytest.mark.parametrize("name", ["Ana", "ana", "ANA", "Ａｎａ"])
def test_a_name_like_one_in_the_room_is_refused_and_another_offered(house: House, name: str) -> None:
    house.join(ANA)

    with pytest.raises(NameTaken) as refusal:
        house.join(member("other", name=name))

    assert refusal.value.extra == {"suggestion": f"{name} 2"}
    assert list(house.audience) == ["ana/tab"]
    house.join(member("other", name=f"{name} 2"))


@pytest.mark.parametrize(
    "name",
    [
        "A\u200bna",
        "A\u200cna",
        "An\u2060a",
        "A\u00adna",
        "Ana\u2800",
        "\u3164Ana",
        "A\ufe0fna",
        "\ufeffANA",
        "A\U000e0061na",
    ],
    ids=ascii,
)
def test_what_cannot_be_seen_makes_no_other_name(house: House, name: str) -> None:
    house.join(ANA)

    with pytest.raises(NameTaken):
        house.join(member("other", name=name))


def test_who_is_not_in_the_room_says_nothing_under_the_name_of_somebody_who_is(house: House) -> None:
    """What was stored before the name was taken is still answered, and others are not refused."""
    first = house.ask(http_post("Ana", "c1"))
    house.now += 24 * HOUR
    house.join(member("u_2", name="ana"))

    with pytest.raises(NameTaken) as refusal:
        house.ask(http_post("Ana", "c2"))
    again = house.ask(http_post("Ana", "c1"))

    assert refusal.value.extra == {"suggestion": "Ana 2"}
    assert (again.seq, again.is_duplicate) == (first.seq, True)
    assert [event.client_id for event in house.storage.events] == ["c1"]
    house.ask(http_post("Ben", "c2"))


def test_one_s_own_name_is_not_taken_by_oneself(house: House) -> None:
    house.join(ANA)

    assert house.ask(http_post("ana", "c1")).seq == 1


def test_emoji_that_are_joined_are_shown_as_they_are(house: House) -> None:
    joined = house.join(member("family", name="👩\u200d👩\u200d👧"))

    assert joined.arrival.person.name == "👩\u200d👩\u200d👧"


def names_of(*holders: str) -> Names:
    names = Names("lobby", RULES)
    for n, name in enumerate(holders):
        names.take(name, f"u{n}")
    return names


def offered_for(names: Names, wanted: str) -> str:
    with pytest.raises(NameTaken) as refusal:
        names.refuse_taken("me", wanted)
    offered: str = refusal.value.extra["suggestion"]
    return offered


def test_the_offered_name_counts_on_and_fits() -> None:
    names = names_of("Ana", "ana 2", "x" * 32)

    assert offered_for(names, "Ana") == "Ana 3"
    assert offered_for(names, "Ana 2") == "Ana 3"
    assert offered_for(names, "x" * 32) == "x" * 30 + " 2"


@given(st.lists(st.text(min_size=1, max_size=32), max_size=20), st.text(min_size=1, max_size=32))
def test_an_offered_name_is_always_free_and_never_too_long(taken: list[str], wanted: str) -> None:
    names = names_of(*taken, wanted)

    offered = offered_for(names, wanted)

    names.refuse_taken("me", offered)
    assert len(offered) <= 32


@given(st.text(min_size=1, max_size=32).filter(is_readable).map(str.strip))
def test_what_is_offered_is_looked_up_under_the_very_likenesses_that_it_has(wanted: str) -> None:
    (question,) = Names("lobby", RULES).ask([("me", wanted)])
    (asked,) = question.wanted

    offered = offered_for(names_of(wanted), wanted)

    assert set(digests("lobby", offered)) <= set(asked.offered())


def test_a_name_in_grace_is_still_taken_and_free_afterwards(house: House) -> None:
    house.join(ANA)
    house.say(disconnect(ANA))
    with pytest.raises(NameTaken):
        house.join(member("other", name="Ana"))

    house.pass_time(15_000)

    house.join(member("other", name="Ana"))


def test_the_plain_dialect_is_never_refused_a_name_and_takes_it_for_the_others(house: House) -> None:
    house.join(member("old", name="Ana", lingers=False))

    with pytest.raises(NameTaken):
        house.join(member("new", name="Ana"))


def test_nobody_is_refused_the_name_they_go_by_here(house: House) -> None:
    house.join(ANA)
    house.join(member("old", name="ANA", lingers=False))

    house.join(member("ana", connection="again"))
    house.join(member("ana", device="phone", name="ana"))


@pytest.mark.parametrize("sleeps", [False, True])
def test_a_person_has_one_name_on_all_devices_the_one_given_last(house: House, sleeps: bool) -> None:
    house.join(ANA)
    house.pass_time(1_000)
    house.join(member("ana", device="phone", name="Anna"))
    assert [(p.name, p.devices) for p in only(house.said, PresenceChanged)[0].changed] == [("Anna", 2)]
    assert only(house.said, PersonJoined) == []
    if sleeps:
        house.wake()

    house.post(ANA, "c1")

    assert house.said[0].user_name == "Anna"
    assert {record.name for record in house.storage.sessions.values()} == {"Anna"}
    house.join(member("other", name="Ana"))
    with pytest.raises(NameTaken):
        house.join(member("third", name="Anna"))


def test_a_new_name_that_is_taken_leaves_the_old_one(house: House) -> None:
    house.join(ANA)
    house.join(member("ben"))
    with pytest.raises(NameTaken):
        house.join(member("ana", name="Ben"))

    house.post(ANA, "c1")

    assert house.said[0].user_name == "Ana"
