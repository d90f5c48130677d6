"""What a sender was answered, held against what is stored.

::

    I1  an acked message is lost               I11 acked before the other was sent, yet behind it
    I6  a sender's messages out of order       I13 a send without an answer in 10 s
    I9  what was refused for good is visible   I14 an ack that changed between retries
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from faults.history import DELETE, PATIENCE_SECONDS, Answered, Ended, Found, Heard, History, Key, Sent


def lost_acks(history: History) -> Found:
    stored = {(row.key, row.seq) for row in history.rows}
    for answer in history.of(Answered):
        if answer.seq is not None and (answer.key, answer.seq) not in stored:
            yield f"{answer.key} was acked as {answer.seq}"


def senders_out_of_order(history: History) -> Found:
    """In the order of first sending, per sender and room; a deletion waits a while on purpose.

    So does what has files: others go before it until those are there, and behind it if they go again.
    """
    stored = {row.key: row.seq for row in history.rows}
    sent: defaultdict[tuple[str, str], dict[Key, None]] = defaultdict(dict)
    for entry in history.of(Sent):
        if entry.key in stored and entry.kind != DELETE and not entry.files:
            sent[entry.client, entry.key[0]].setdefault(entry.key)
    for sender, keys in sent.items():
        for first, second in pairwise(keys):
            if stored[first] > stored[second]:
                yield f"{sender}: {first[2]} at {stored[first]}, the later {second[2]} at {stored[second]}"


def refused_and_visible(history: History) -> Found:
    """Refused for good by the last answer it got, and never sent again."""
    refused: dict[Key, str] = {}
    for entry in history.entries:
        if isinstance(entry, Sent):
            refused.pop(entry.key, None)
        elif isinstance(entry, Answered) and entry.code is not None and not entry.is_retryable:
            refused[entry.key] = entry.code
    visible = {row.key for row in history.rows} | {heard.key for heard in history.of(Heard)}
    yield from (f"{key} was refused: {code}" for key, code in refused.items() if key in visible)


def against_real_time(history: History) -> Found:
    """Sweep over time: what is sent now must end behind everything that was acked by now."""
    stored = {row.key: row.seq for row in history.rows}
    highest: dict[str, int] = {}
    first_sent: set[Key] = set()
    for entry in history.entries:
        if isinstance(entry, Answered) and entry.seq is not None:
            room = entry.key[0]
            highest[room] = max(highest.get(room, 0), entry.seq)
        elif isinstance(entry, Sent) and entry.key not in first_sent:
            first_sent.add(entry.key)
            floor = highest.get(entry.key[0], 0)
            if stored.get(entry.key, floor + 1) <= floor:
                yield f"{entry.key} at {stored[entry.key]}, sent after {floor} was acked"


def unanswered(history: History) -> Found:
    ended = {entry.connection: entry.at for entry in history.of(Ended)}
    answers: defaultdict[tuple[int, Key], list[float]] = defaultdict(list)
    for answer in history.of(Answered):
        answers[answer.connection, answer.key].append(answer.at)
    for sent in history.of(Sent):
        due_at = _with_freezes(sent.at, sent.at + PATIENCE_SECONDS, history.freezes)
        at = next((at for at in answers[sent.connection, sent.key] if at >= sent.at), float("inf"))
        if at > due_at and min(ended.get(sent.connection, due_at + 1), history.ended_at) > due_at:
            yield f"{sent.key} by {sent.client} on {sent.connection}"


def _with_freezes(begin: float, end: float, freezes: Sequence[tuple[float, float]]) -> float:
    for frozen_at, thawed_at in sorted(freezes):
        if frozen_at < end and thawed_at > begin:
            end += thawed_at - max(frozen_at, begin)
    return end


def changed_acks(history: History) -> Found:
    acked: dict[Key, int] = {}
    for answer in history.of(Answered):
        if answer.seq is not None and acked.setdefault(answer.key, answer.seq) != answer.seq:
            yield f"{answer.key} was acked as {acked[answer.key]} and as {answer.seq}"
