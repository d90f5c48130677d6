"""The query: what of a text counts, what becomes of what is typed, and when a message has it."""

from __future__ import annotations

import sys
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.errors import BadRequest, Empty
from chatapp.rooms.messages.query import folded, parse_query


@pytest.mark.parametrize(
    ("typed", "content"),
    [
        ("HOUSE", "The little house"),
        ("use", "The little house"),
        ("strasse", "Die Straße"),
        ("STRAẞE", "die strasse"),
        ("zoe", "Zoë was here"),
        ("Zoë", "ZOE WAS HERE"),
        ("zoë", "Zoe\u0308"),
        ("елка", "Ёлка"),
        ("приветик", "Приве\u0301тик"),
        ("ΟΔΟΣ", "οδός"),
        ("istanbul", "İstanbul"),
        ("한국", "한국어"),
        ("하", "한국어"),
        ("東京", "私は東京に住む"),
        ("ｆｕｌｌ", "full width"),
        ("fi", "ﬁne"),
        ("שלום", "שָׁלוֹם"),
        ("سلام", "سَلام"),
        ("don't", "I don’t know"),
        ("don’t", "I don't know"),
        ("❤", "I ❤️ it"),
        ("little the", "The little house"),
        ('"little house"', "The little\n\t  house"),
        ("“little house”", "The little house"),
        ('house "the little', "The little house"),
        ("100%", "It is 100% true"),
        ("a_b", "a_b"),
        ("\\n", "a line ends with \\n"),
        ("content", "The content"),
        ("co­op", "coop"),
    ],
)
def test_what_is_found(typed: str, content: str) -> None:
    assert parse_query(typed).matches(content)


@pytest.mark.parametrize(
    ("typed", "content"),
    [
        ("houses", "The little house"),
        ("little garden", "The little house"),
        ('"house little"', "The little house"),
        ('"littlehouse"', "The little house"),
        ("100%", "It is 1000 true"),
        ("a_b", "axb"),
        ("\\n", "two\nlines"),
        ("%", "nothing of the kind"),
    ],
)
def test_what_is_not_found(typed: str, content: str) -> None:
    assert not parse_query(typed).matches(content)


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ("  Two   words ", ("two", "words")),
        ('a "b  c" d', ("a", "b c", "d")),
        ('"open phrase', ("open phrase",)),
        ("house houses", ("houses",)),
        ("same SAME", ("same",)),
        ("tab\tnew\nline", ("tab", "new", "line")),
        ('one"two"three', ("one", "two", "three")),
    ],
)
def test_what_is_typed_becomes_terms_of_which_none_says_what_another_says(
    typed: str, terms: tuple[str, ...]
) -> None:
    assert parse_query(typed).terms == terms


@pytest.mark.parametrize("typed", ["", " ", "\n\t", '""', '" "', "“”", "\u0301", "\u200b", "´"])
def test_what_says_nothing_is_empty(typed: str) -> None:
    with pytest.raises(Empty) as refused:
        parse_query(typed)
    assert refused.value.field == "q"


@pytest.mark.parametrize("typed", ["a\x00", "\x1b[2J", "a\x7f", "\x85", "\ud800", "\x01"])
def test_controls_are_no_query(typed: str) -> None:
    with pytest.raises(BadRequest) as refused:
        parse_query(typed)
    assert refused.value.field == "q"


@pytest.mark.slow
def test_folding_what_is_folded_changes_nothing() -> None:
    for code_point in chain(range(0xD800), range(0xE000, sys.maxunicode + 1)):
        once = folded(chr(code_point))
        assert folded(once) == once, hex(code_point)


@given(st.text(), st.text())
def test_a_character_is_folded_alike_wherever_it_stands(one: str, other: str) -> None:
    assert folded(one + other) == folded(one) + folded(other)


@given(st.text(min_size=1))
def test_whatever_was_said_is_found_by_its_own_words(content: str) -> None:
    try:
        query = parse_query(content)
    except (BadRequest, Empty):
        return

    assert query.matches(content)
    assert query.matches(f"before {content} behind")
