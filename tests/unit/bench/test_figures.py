from __future__ import annotations

import pytest

from bench.figures import Outcome, Summary, Target, histogram_p99, latencies, percentile, summarise


def one(value: float) -> Summary:
    return Summary(median=value, low=value, high=value, runs=1)


@pytest.mark.parametrize(
    ("values", "part", "expected"),
    [
        ([], 0.5, 0),
        ([7], 0.99, 7),
        ([1, 2], 0.5, 1),
        ([3, 1, 2], 0.5, 2),
        (list(range(1, 101)), 0.99, 99),
        (list(range(1, 102)), 0.99, 100),
        ([1, 2, 3], 1.0, 3),
    ],
)
def test_a_percentile_is_the_nearest_rank(values: list[float], part: float, expected: float) -> None:
    assert percentile(values, part) == expected


def test_latencies_are_told_in_ms_and_not_at_all_without_any() -> None:
    assert latencies("ack", [1_000_000, 3_000_000, 2_000_000]) == {"ack_p50_ms": 2.0, "ack_p99_ms": 3.0}
    assert latencies("ack", []) == {}


def test_a_summary_is_the_median_and_the_extremes_of_the_runs_that_count() -> None:
    runs = [Outcome(figures={"speed": speed}) for speed in (10.0, 30.0, 20.0)]
    spoilt = Outcome(figures={"speed": 1_000.0}, complaints=("the generator's core was full",))

    summary = summarise([*runs, spoilt])["speed"]

    assert summary == Summary(median=20.0, low=10.0, high=30.0, runs=3)
    assert summary.spread == 1.0


def test_nothing_is_summarised_when_no_run_counts() -> None:
    assert summarise([Outcome(figures={"speed": 1.0}, complaints=("lost",))]) == {}


@pytest.mark.parametrize(
    ("target", "is_met"),
    [
        (Target(figure="speed", at_least=100), True),
        (Target(figure="speed", at_least=101), False),
        (Target(figure="speed", at_most=100), True),
        (Target(figure="speed", at_most=99), False),
        (Target(figure="speed", at_least=2, to="node"), True),
        (Target(figure="speed", at_least=2.1, to="node"), False),
        (Target(figure="speed", at_most=0.5, server="node", to="chat"), True),
        (Target(figure="other", at_least=0), None),
        (Target(figure="speed", at_least=1, to="nobody"), None),
    ],
)
def test_a_target_is_met_missed_or_unknown(target: Target, is_met: bool | None) -> None:
    results = {"chat": {"speed": one(100.0)}, "node": {"speed": one(50.0)}}

    assert target.is_met(results) is is_met


def reading(*counts: float) -> dict[str, float]:
    bounds = ("0.001", "0.01", "0.1", "+Inf")
    return {f'lag_bucket{{le="{bound}"}}': count for bound, count in zip(bounds, counts, strict=True)}


def test_p99_of_a_histogram_is_the_bound_of_its_bucket_since_the_last_reading() -> None:
    before = reading(0, 5, 900, 900)

    assert histogram_p99(before, reading(98, 103, 1_000, 1_000), "lag") == 0.1
    assert histogram_p99(before, reading(98, 104, 1_000, 1_000), "lag") == 0.01
    assert histogram_p99(before, reading(99, 104, 1_000, 1_000), "lag") == 0.001
    assert histogram_p99(before, before, "lag") is None
    assert histogram_p99({}, {}, "lag") is None
