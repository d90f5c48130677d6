from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chatapp.jobs.plan import JUMP_MS, ROWS_PER_TRANSACTION, SECOND_LOOK_MS, cut, decide, pack, pause_seconds
from chatapp.store.nodes.alarms import Past

HOUR = 3_600_000
DAY = 24 * HOUR
NOW = 1_800_000_000_000
ON_TIME = Past(done_cutoff=NOW - DAY - HOUR)


def test_an_hour_after_the_last_run_the_next_one_deletes() -> None:
    plan = decide(ON_TIME, now=NOW, retention_ms=DAY)

    assert not plan.is_only_noted
    assert (plan.cutoff, plan.row_cutoff) == (NOW - DAY, NOW - DAY)
    assert plan.past == Past(done_cutoff=NOW - DAY)
    assert NOW < plan.next_due <= NOW + HOUR


def test_rows_outlive_a_short_retention_without_their_content() -> None:
    plan = decide(Past(done_cutoff=NOW - HOUR), now=NOW, retention_ms=HOUR // 2)

    assert (plan.cutoff, plan.row_cutoff) == (NOW - HOUR // 2, NOW - 2 * HOUR)


def test_a_cutoff_that_jumps_is_only_noted() -> None:
    past = Past(done_cutoff=NOW - DAY - JUMP_MS - 1)

    plan = decide(past, now=NOW, retention_ms=DAY)

    assert plan.is_only_noted
    assert plan.past == Past(done_cutoff=past.done_cutoff, noted_cutoff=NOW - DAY, noted_at=NOW)
    assert plan.next_due == NOW + SECOND_LOOK_MS


def test_a_clock_an_hour_ahead_is_not_taken_for_an_hour_that_went_by() -> None:
    past = Past(done_cutoff=NOW - DAY)

    assert not decide(past, now=NOW + HOUR + HOUR // 4, retention_ms=DAY).is_only_noted  # a late ring
    assert decide(past, now=NOW + HOUR + HOUR, retention_ms=DAY).is_only_noted


def test_a_second_look_by_the_same_clock_deletes() -> None:
    noted = decide(Past(done_cutoff=0), now=NOW, retention_ms=DAY).past

    assert decide(noted, now=NOW + SECOND_LOOK_MS - 1, retention_ms=DAY).is_only_noted
    assert not decide(noted, now=NOW + SECOND_LOOK_MS, retention_ms=DAY).is_only_noted


def test_a_clock_that_has_jumped_again_is_looked_at_again() -> None:
    noted = decide(Past(done_cutoff=NOW - 10 * DAY), now=NOW, retention_ms=DAY).past

    assert decide(noted, now=NOW + JUMP_MS + 1, retention_ms=DAY).is_only_noted
    assert decide(noted, now=NOW - 1, retention_ms=DAY).is_only_noted


def test_a_clock_that_went_back_deletes_less_and_is_believed_again_afterwards() -> None:
    plan = decide(Past(done_cutoff=NOW + DAY), now=NOW, retention_ms=DAY)

    assert not plan.is_only_noted
    assert plan.past.done_cutoff == NOW - DAY


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(0, 3000))))
def test_transactions_are_small_and_leave_nothing_out(stretches: list[tuple[int, int]]) -> None:
    slices = [
        p for n, (first, rows) in enumerate(stretches) for p in cut(f"room {n}", first, first + rows - 1)
    ]

    packed = list(pack(iter(slices)))

    assert [log_slice for pack_ in packed for log_slice in pack_] == slices
    assert all(sum(log_slice.rows for log_slice in pack_) <= ROWS_PER_TRANSACTION for pack_ in packed)
    assert sum(log_slice.rows for log_slice in slices) == sum(rows for _, rows in stretches)


def test_the_chat_has_four_fifths_of_the_time_and_always_a_little() -> None:
    assert pause_seconds(0.1) == 0.4
    assert pause_seconds(0.0001) == 0.005
