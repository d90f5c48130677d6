"""What is searched for is found in whole and in part, and nothing else is."""

from __future__ import annotations

from pathlib import Path
from random import Random

from faults.remains import MARKER_BYTES, is_marker, marked, markers, search


def test_any_piece_as_long_as_two_markers_is_found_wherever_it_lies(tmp_path: Path) -> None:
    words = marked(400, Random(1))
    (tmp_path / "deep").mkdir()
    pieces = [words[start : start + 2 * MARKER_BYTES - 1] for start in range(len(words) - 2 * MARKER_BYTES)]
    for number, piece in enumerate(pieces):
        (tmp_path / "deep" / f"page {number}").write_bytes(bytes(500) + piece.encode() + b"\xff" * 500)

    found = search([tmp_path])

    assert found.keys() <= markers(words)
    assert all(found.keys() & markers(piece) for piece in pieces)


def test_no_two_markers_are_alike_and_what_only_looks_like_one_is_told_from_it() -> None:
    random = Random(1)

    made = [marker for _ in range(100) for marker in markers(marked(300, random))]

    assert len(set(made)) == len(made) == 100 * 300 // MARKER_BYTES
    assert all(map(is_marker, made))
    assert not any(map(is_marker, markers("~the_name_of_a_file and ~chat.db-wal~0123456789a")))


def test_a_file_of_nothing_is_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "chat.db-wal").touch()

    assert search([tmp_path]) == {}
