"""Numbers out of histories: percentiles, silences, how long it took to come back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from faults.history import Answered, Ended, History, Joined, Key, Sent, Shown

SOON_SECONDS = 1.0


def percentile(values: Iterable[float], share: float) -> float:
    """The nearest rank; 0 of nothing."""
    ordered = sorted(values)
    if not ordered:
        return 0.0
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def silences(history: History, rooms: Sequence[str], moments: Iterable[float]) -> list[float]:
    """For each room and moment: how long nothing could be written, from then on."""
    acks: dict[str, list[float]] = {room: [] for room in rooms}
    for answer in history.of(Answered):
        if answer.seq is not None and answer.key[0] in acks:
            acks[answer.key[0]].append(answer.at)
    return [
        next((at for at in acks[room] if at >= moment), float("inf")) - moment
        for moment in moments
        for room in rooms
    ]


def longest_silence(history: History, rooms: Sequence[str], begin: float, end: float) -> float:
    """The longest time between two acks of a room."""
    longest = 0.0
    for room in rooms:
        acks = [
            answer.at for answer in history.of(Answered) if answer.key[0] == room and answer.seq is not None
        ]
        marks = [begin, *(at for at in acks if begin <= at < end), end]
        longest = max([longest, *(later - earlier for earlier, later in pairwise(marks))])
    return longest


def returns(history: History, moments: Iterable[float]) -> list[float]:
    """Of all who lost their connection soon after a moment: how long until they were in their room again."""
    joins: dict[str, list[float]] = {}
    for join in history.of(Joined):
        joins.setdefault(join.client, []).append(join.at)
    return [
        next((at for at in joins.get(client, ()) if at >= moment), float("inf")) - moment
        for moment in moments
        for client in {end.client for end in history.of(Ended) if moment <= end.at < moment + SOON_SECONDS}
    ]


def delays(history: History, begin: float, end: float) -> list[float]:
    """For each message acked in this time: how long until the last member had it on the screen."""
    acked: dict[Key, float] = {}
    shown: dict[Key, float] = {}
    for entry in history.entries:
        if isinstance(entry, Answered) and entry.seq is not None and begin <= entry.at < end:
            acked.setdefault(entry.key, entry.at)
        elif isinstance(entry, Shown):
            shown[entry.key] = max(shown.get(entry.key, 0.0), entry.at)
    return [shown[key] - at for key, at in acked.items() if key in shown]


def ack_seconds(history: History, begin: float = 0.0, end: float = float("inf")) -> list[float]:
    """From each send in this time to its ack on the same connection."""
    return [took for took, answer in _answers(history, begin, end) if answer.seq is not None]


def refusal_seconds(history: History, begin: float, end: float) -> list[float]:
    """From each send in this time to its refusal."""
    return [took for took, answer in _answers(history, begin, end) if answer.code is not None]


def _answers(history: History, begin: float, end: float) -> Iterator[tuple[float, Answered]]:
    sent: dict[tuple[int, object], float] = {}
    for entry in history.entries:
        if isinstance(entry, Sent):
            sent[entry.connection, entry.key] = entry.at
        elif isinstance(entry, Answered):
            at = sent.pop((entry.connection, entry.key), None)
            if at is not None and begin <= at < end:
                yield entry.at - at, entry


def acks_between(history: History, begin: float, end: float) -> int:
    return sum(begin <= answer.at < end and answer.seq is not None for answer in history.of(Answered))


def refusals_between(history: History, begin: float, end: float) -> list[Answered]:
    return [answer for answer in history.of(Answered) if answer.code is not None and begin <= answer.at < end]
