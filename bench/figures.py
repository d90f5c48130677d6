"""Figures: medians of runs, their spread, percentiles of latencies, and whether a target is met."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence

import msgspec

CHAT = "chat"


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of one server over all valid runs."""

    median: float
    low: float
    high: float
    runs: int

    @property
    def spread(self) -> float:
        """The distance of the extremes, as a part of the median."""
        return (self.high - self.low) / abs(self.median) if self.median else 0.0


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """One run against one server. Its figures do not count with a complaint; without any it has failed."""

    figures: dict[str, float]
    complaints: tuple[str, ...] = ()


# server -> figure -> summary, of one workload
Results = Mapping[str, Mapping[str, Summary]]


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """A bound for a figure of ``server``, or for its ratio to the same figure of another one."""

    figure: str
    at_least: float | None = None
    at_most: float | None = None
    to: str = ""  # of which server; none: the figure itself
    server: str = CHAT

    def value(self, results: Results) -> float | None:
        """What the bound is held against; None if it was not measured."""
        mine = results.get(self.server, {}).get(self.figure)
        if mine is None:
            return None
        if not self.to:
            return mine.median
        other = results.get(self.to, {}).get(self.figure)
        return mine.median / other.median if other is not None and other.median else None

    def is_met(self, results: Results) -> bool | None:
        """None: not measured, so nobody knows."""
        value = self.value(results)
        if value is None:
            return None
        if self.at_least is not None and value < self.at_least:
            return False
        return self.at_most is None or value <= self.at_most


def percentile(values: Sequence[float], part: float) -> float:
    """The smallest value that at least ``part`` of all do not exceed (nearest rank). 0 of nothing."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)]


def latencies(name: str, nanoseconds: Sequence[int]) -> dict[str, float]:
    """p50 and p99 in ms, as figures. Without any there are no figures."""
    if not nanoseconds:
        return {}
    return {
        f"{name}_p50_ms": percentile(nanoseconds, 0.5) / 1e6,
        f"{name}_p99_ms": percentile(nanoseconds, 0.99) / 1e6,
    }


def summarise(outcomes: Iterable[Outcome]) -> dict[str, Summary]:
    """Of the runs that had no complaint."""
    runs: dict[str, list[float]] = {}
    for outcome in outcomes:
        if not outcome.complaints:
            for name, value in outcome.figures.items():
                runs.setdefault(name, []).append(value)
    return {
        name: Summary(median=statistics.median(values), low=min(values), high=max(values), runs=len(values))
        for name, values in runs.items()
    }


def slowest_ms(
    name: str, before: Mapping[str, float], after: Mapping[str, float], histogram: str
) -> dict[str, float]:
    """``histogram_p99`` of seconds, as a figure in ms. Without any observation there is none."""
    p99 = histogram_p99(before, after, histogram)
    return {} if p99 is None else {f"{name}_p99_ms": p99 * 1000}


def histogram_p99(before: Mapping[str, float], after: Mapping[str, float], name: str) -> float | None:
    """From two readings of a Prometheus histogram: the bound of the bucket that p99 fell into.

    None if nothing was observed in between.
    """
    prefix = f'{name}_bucket{{le="'
    grown = sorted(
        (float(line[len(prefix) : -2]), value - before.get(line, 0.0))
        for line, value in after.items()
        if line.startswith(prefix)
    )
    if not grown or not grown[-1][1]:
        return None
    return next(bound for bound, count in grown if count >= 0.99 * grown[-1][1])
