"""What a page says in words before its scripts do."""

from __future__ import annotations

import pytest

from chatapp.web.words import span_in_words

MINUTE = 60_000
HOUR = 60 * MINUTE


@pytest.mark.parametrize(
    ("ms", "words"),
    [
        (24 * HOUR, "24 hours"),
        (HOUR, "1 hour"),
        (90 * MINUTE, "90 minutes"),
        (7 * 24 * HOUR, "7 days"),
        (MINUTE, "1 minute"),
        (30_000, "1 minute"),
        (29_000, "29 seconds"),
        (100, "1 second"),
    ],
)
def test_a_length_is_said_as_the_room_says_it(ms: int, words: str) -> None:
    assert span_in_words(ms) == words
