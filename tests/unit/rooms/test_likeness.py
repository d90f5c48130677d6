"""Names that a reader takes for one another, and those that are two names all the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.rooms.attendance.likeness import digests, likenesses

FAMILY = "👩\u200d👩\u200d👧"


def are_alike(one: str, other: str) -> bool:
    return not set(likenesses(one)).isdisjoint(likenesses(other))


@pytest.mark.parametrize(
    "other",
    [
        "ana",
        "ANA",
        "Ana\u200b",
        "A\u00adna",
        "A\u2060na",
        "\u200eAna",
        "Ana\u3164",
        "Ａna",
        "Ana\ufffc",
        "Ana\U000e0061",
        "Аnа",  # Cyrillic А and а
        "ΑΝΑ",  # Greek
        "𝐀𝗇𝒶",
        "Ana\ufe0f",
    ],
    ids=ascii,
)
def test_what_looks_like_ana_is_ana(other: str) -> None:
    assert are_alike("Ana", other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Paul", "PauI"),
        ("Ilse", "llse"),
        ("Ben 1", "Ben l"),
        ("Camilla", "Carnilla"),
        ("Bob 0", "Bob O"),
        ("Zoë", "Zoe\u0308"),
        ("straße", "STRASSE"),
        ("❤\ufe0f\u200d🔥", "❤\u200d🔥"),
        ("🧑\u200d🚀", "🧑🚀"),
        ("❤", "❤\ufe0f"),
        (FAMILY, "👩👩👧"),
        ("Ana😀", "Ana😀\U000e0061\U000e007f"),
        ("Ana😀😀", "Ana😀\u200d😀"),
    ],
    ids=ascii,
)
def test_names_that_look_alike_are_alike(one: str, other: str) -> None:
    assert are_alike(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ana", "Anna"),
        ("Zoë", "Zoe"),
        ("Neil", "Nell"),
        ("Kai", "Kal"),
        ("Ella", "Elia"),
        ("Ana 2", "Ana 3"),
        ("Ana", "Ана"),  # the Cyrillic н is no n
        (FAMILY, "👩\u200d👧"),
    ],
    ids=ascii,
)
def test_names_that_can_be_told_apart_are_two(one: str, other: str) -> None:
    assert not are_alike(one, other)


@given(st.text(max_size=32))
def test_a_name_has_one_or_two_likenesses_and_they_do_not_depend_on_large_letters(name: str) -> None:
    assert 1 <= len(likenesses(name)) <= 2
    assert likenesses(name)[0] in likenesses(name.casefold())


def test_what_a_room_knows_a_likeness_by_tells_nothing_but_whether_two_are_the_same() -> None:
    assert set(digests("lobby", "Ilse")) & set(digests("lobby", "llse"))
    assert set(digests("lobby", "Ilse")).isdisjoint(digests("garden", "Ilse"))
    assert not [one for one in digests("lobby", "Ilse") if set(one) - set("0123456789abcdef")]
