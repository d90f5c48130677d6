"""Numbers out of histories: percentiles, silences, how long it took to come back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from faults.history import Answered, History, Joined, Sent


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
        if answer.seq is not None:
            acks[answer.key[0]].append(answer.at)
    return [
        next((at for at in acks[room] if at >= moment), float("inf")) - moment
        for moment in moments
        for room in rooms
    ]


def returns(history: History, clients: Sequence[str], moments: Iterable[float]) -> list[float]:
    """For each client and moment: how long until it had joined its room again."""
    joins: dict[str, list[float]] = {client: [] for client in clients}
    for join in history.of(Joined):
        joins[join.client].append(join.at)
    return [
        next((at for at in joins[client] if at >= moment), float("inf")) - moment
        for moment in moments
        for client in clients
    ]


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
