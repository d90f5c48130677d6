"""What a reader sees of a text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.rooms.sight import has_no_meaning, has_unseen, is_readable, seen, shows_nothing

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "vectors" / "texts" / "sight.json").read_text()
)["cases"]

FAMILY = "👩\u200d👩\u200d👧"
HEART_ON_FIRE = "❤\ufe0f\u200d🔥"
ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_what_shows_nothing_is_the_same_for_the_server_and_the_page(case: dict[str, Any]) -> None:
    assert shows_nothing(case["text"]) is case["showsNothing"]


@pytest.mark.parametrize(
    "emoji", [FAMILY, "❤\ufe0f", ENGLAND, "🧑\U0001f3fd\u200d🚀", "\U0001fae9"], ids=ascii
)
def test_what_makes_one_emoji_of_several_is_seen(emoji: str) -> None:
    assert seen(emoji) == emoji
    assert is_readable(emoji)
    assert not has_unseen(f"party {emoji}")
    assert not has_no_meaning(emoji)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (HEART_ON_FIRE, "❤\u200d🔥"),  # with or without the selector it is the same picture
        ("😀\ufe0f", "😀"),
        ("Ana\ufe0f", "Ana"),
        ("a\u200db", "ab"),
        ("a\u200d👩", "a👩"),
        ("👩\u200d", "👩"),
        ("😀\U000e0061\U000e007f", "😀"),
        ("\U0001f3f4\U000e0067", "\U0001f3f4"),  # a flag that does not end
        ("\u200eAna\ufffc\u2800", "Ana"),
    ],
    ids=ascii,
)
def test_elsewhere_it_is_not(text: str, left: str) -> None:
    assert seen(text) == left


@pytest.mark.parametrize(
    "room", ["lobby\u200b", "lob\u200cby", "\u3164lobby", "lo\u00adbby", "lobby\ufe0f"], ids=ascii
)
def test_a_character_that_is_there_for_no_reader_is_found(room: str) -> None:
    assert has_unseen(room)


@pytest.mark.parametrize(
    "room", ["نیم\u200cفاصله", "क्\u200dष", "1\ufe0f\u20e3", "😀\ufe0f", "日本語", "a b"], ids=ascii
)
def test_one_that_joins_letters_or_belongs_to_an_emoji_is_not(room: str) -> None:
    assert not has_unseen(room)


@pytest.mark.parametrize("text", ["\ue000", "A\ufdd0", "\U0010ffff", "\u0378"], ids=ascii)
def test_what_is_nobody_s_or_private_has_no_meaning(text: str) -> None:
    assert has_no_meaning(text)


def test_what_is_reserved_for_emoji_to_come_has_one() -> None:
    assert not has_no_meaning("\U0001f8ff")
    assert is_readable("\U0001fc00")


@given(st.text())
def test_what_is_left_of_a_text_shows_nothing_where_the_text_does(text: str) -> None:
    assert shows_nothing(seen(text)) == shows_nothing(text)
    assert len(seen(text)) <= len(text)
