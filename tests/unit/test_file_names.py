"""What a file may be called, and what is said of it."""

from __future__ import annotations

import pytest

from chatapp.errors import BadRequest, TooLong
from chatapp.files.names import ALT_LENGTH, NAME_BYTES, normal_alt, normal_file_name
from chatapp.protocol.uploads import metadata, parse_metadata


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("IMG_1.heic", "IMG_1.heic"),
        ("  a b.txt ", "a b.txt"),
        ("e\u0301.png", "é.png"),
        ("…", "…"),
        (".profile", ".profile"),
        ("中文 😀.pdf", "中文 😀.pdf"),
        ("x" * NAME_BYTES, "x" * NAME_BYTES),
    ],
)
def test_a_name_is_kept_in_one_form(text: str, name: str) -> None:
    assert normal_file_name(text) == name


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", ".", "..", "a/b", "/", "..\\b", "a\0", "a\nb", "a\r", "a\x7f", "a\u0085", "a\u2028"),
        *("a\u202eb", "a\u2066b", "a\u200fb", "\ud800"),
    ],
)
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(BadRequest) as refused:
        normal_file_name(text)
    assert refused.value.field == "filename"


def test_a_name_has_so_many_bytes_and_a_description_so_many_characters() -> None:
    with pytest.raises(TooLong):
        normal_file_name("é" * 128)
    assert normal_file_name("é" * 127) == "é" * 127
    assert normal_alt("é" * ALT_LENGTH) == "é" * ALT_LENGTH
    with pytest.raises(TooLong):
        normal_alt("é" * (ALT_LENGTH + 1))


def test_a_description_has_lines_and_no_controls() -> None:
    assert normal_alt(" two\nlines\t ") == "two\nlines"
    for text in ("a\0", "a\x1b[2J", "a\u202eb"):
        with pytest.raises(BadRequest):
            normal_alt(text)


def test_what_a_head_says_begins_the_same_file() -> None:
    said = {"filename": "é, b.txt", "filetype": "text/plain", "alt": "two\nlines"}

    assert parse_metadata(metadata(said["filename"], said["filetype"], said["alt"])) == said
    assert parse_metadata("") == {}
    assert parse_metadata("filename YQ==, relativePath bnVsbA==,is_confidential") == {"filename": "a"}
