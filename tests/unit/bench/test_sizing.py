"""The sizes in docs/operations.md are those of docs/benchmarks.md."""

from __future__ import annotations

import pytest

from bench.sizing import sized
from tests.running import ROOT

OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
BENCHMARKS = (ROOT / "docs" / "benchmarks.md").read_text()


def test_the_page_says_what_was_measured() -> None:
    assert sized(OPERATIONS, BENCHMARKS) == OPERATIONS


def test_another_measurement_makes_another_page() -> None:
    other = BENCHMARKS.replace("|  | megabytes_with_10000 | ", "|  | megabytes_with_10000 | 9")

    assert sized(OPERATIONS, other) != OPERATIONS


def test_a_sentence_that_is_gone_is_missed() -> None:
    with pytest.raises(LookupError, match="KB a connection"):
        sized(OPERATIONS.replace("KB a connection", "kilobytes"), BENCHMARKS)
