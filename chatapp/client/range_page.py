"""A page put among the ranges of its log: one with those it touches, or alone."""

from __future__ import annotations

from chatapp.client.log_range import LogRange, Mine
from chatapp.client.wire import Event


def with_page(
    ranges: list[LogRange], first: int, last: int, fresh: list[Event], mine: Mine
) -> list[LogRange]:
    """`ranges` are in order; `fresh` are the events of `first` to `last` that none of them has."""
    above = [range_ for range_ in ranges if range_.last < first - 1]
    below = [range_ for range_ in ranges if range_.first > last + 1]
    touched = ranges[len(above) : len(ranges) - len(below)]
    whole = LogRange(min([first, *(range_.first for range_ in touched[:1])]))
    for range_ in touched:
        before = [event for event in fresh if whole.last < event["seq"] < range_.first]
        whole.append(before, range_.first - 1, mine)
        whole.join(range_)
    whole.append([event for event in fresh if event["seq"] > whole.last], last, mine)
    return [*above, whole, *below]
