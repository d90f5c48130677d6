"""How long the supervisor waits before it starts a program again; the rest needs real ones."""

from __future__ import annotations

from chatapp.supervisor import FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, STEADY_SECONDS, BackOff


def test_who_ends_again_and_again_is_started_ever_more_seldom() -> None:
    back_off = BackOff()

    pauses = [back_off.seconds(0.1) for _ in range(9)]

    assert pauses[:4] == [1, 2, 4, 8]
    assert pauses[-1] == LONGEST_PAUSE_SECONDS


def test_after_a_steady_run_the_pause_is_short_again() -> None:
    back_off = BackOff()
    for _ in range(5):
        back_off.seconds(0.1)

    assert back_off.seconds(STEADY_SECONDS) == FIRST_PAUSE_SECONDS
    assert back_off.seconds(0.1) == 2 * FIRST_PAUSE_SECONDS
