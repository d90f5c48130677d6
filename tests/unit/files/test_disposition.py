"""The header with a person's name of a file: as others read it, and nothing but a header."""

from __future__ import annotations

from email.message import Message
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.files.disposition import disposition


@given(st.text(max_size=255))
def test_it_is_one_line_of_plain_letters_whatever_the_name(name: str) -> None:
    value = disposition("attachment", name)

    assert value.isascii()
    assert value.isprintable()
    assert value.startswith('attachment; filename="')
    plain = value.split('"')[1]
    assert plain
    assert not set(plain) & set('"\\/%')
    assert value.count('"') == 2


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=255))
def test_who_reads_the_standard_reads_the_name(name: str) -> None:
    value = disposition("inline", name)

    message = Message()
    message["Content-Disposition"] = value
    read = message.get_filename()
    if "filename*" in value:
        assert unquote(value.partition("''")[2]) == name
    else:
        assert read == name


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("paper.pdf", "paper.pdf"),
        ("Müller & Söhne.pdf", "Muller & Sohne.pdf"),
        ("日本.png", "_.png"),
        ("🙂", "file"),
        ("..", "file"),
        ("a/b\\c.txt", "a_b_c.txt"),
    ],
)
def test_who_does_not_reads_something_like_it(name: str, plain: str) -> None:
    assert disposition("attachment", name).split('"')[1] == plain
