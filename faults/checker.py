"""The checker: reads a history and names every broken promise.

::

    I1 an acked message is lost             I8  the epoch falls along seq
    I2 a message twice (row or delivery)    I9  what was refused for good is visible
    I3 two observers disagree about a seq   I10 a message nobody sent
    I4 a gap nobody was told of             I11 acked before the other was sent, yet behind it
    I5 a delivery out of order              I12 somebody still behind 10 s after the healing
    I6 a sender's messages out of order     I13 a send without an answer in 10 s
    I7 the log has a gap                    I14 an ack that changed between retries
    I15 somebody's last state of a message is not the stored one
    I16 words that were deleted are told after it (of files: ``forgotten``)
    I17 a change was acked, and its effect is not there
    I19 somebody is shown the wrong people 15 s after the healing
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence, Set
from itertools import pairwise

from faults.changed import changed_places, different_states, told_after_deletion, undone_changes
from faults.history import (
    DELETE,
    MESSAGE,
    REACT,
    Answered,
    Ended,
    Heard,
    History,
    Joined,
    Key,
    Place,
    Row,
    Sent,
    Shown,
)

PATIENCE_SECONDS = 10.0
PRESENCE_SECONDS = 15.0

Found = Iterator[str]


def violations(history: History) -> dict[str, list[str]]:
    """By invariant, each with what was found; all are there, and empty if the run was good."""
    return {name: list(find(history)) for name, find in INVARIANTS.items()}


def _lost_acks(history: History) -> Found:
    stored = {(row.key, row.seq) for row in history.rows}
    for answer in history.of(Answered):
        if answer.seq is not None and (answer.key, answer.seq) not in stored:
            yield f"{answer.key} was acked as {answer.seq}"


def _doubles(history: History) -> Found:
    stored = Counter(row.key for row in history.rows)
    yield from (f"{key} is stored {n} times" for key, n in stored.items() if n > 1)
    heard = Counter((heard.connection, heard.key) for heard in history.of(Heard))
    yield from (f"{key} was delivered {n} times on {on}" for (on, key), n in heard.items() if n > 1)
    shown = Counter((shown.client, shown.key) for shown in history.of(Shown))
    yield from (f"{key} was shown {n} times to {who}" for (who, key), n in shown.items() if n > 1)


def _disagreements(history: History) -> Found:
    """Of words that change, ``changed`` judges."""
    changed = changed_places(history)
    truth = {(row.key[0], row.seq): (row.key, _words(row, changed)) for row in history.rows}
    everything: list[Heard | Shown] = [*history.of(Heard), *history.of(Shown)]
    for seen in everything:
        place, what = (seen.key[0], seen.seq), (seen.key, _words(seen, changed))
        agreed = truth.setdefault(place, what)
        if agreed != what:
            yield f"{place} is {agreed} to one and {what} to {seen.client}"


def _words(seen: Row | Heard | Shown, changed: Set[Place]) -> str | None:
    is_for_good = (seen.key[0], seen.seq) not in changed and getattr(seen, "kind", MESSAGE) == MESSAGE
    return seen.content if is_for_good else None


def _gaps(history: History) -> Found:
    """A hole in what a client shows, unless a join told it of one, or it holds changes only."""
    rows = {(row.key[0], row.seq) for row in history.rows if row.kind == MESSAGE}
    stored = {(row.key[0], row.seq) for row in history.rows}
    last: dict[tuple[str, str], int] = {}
    for entry in history.entries:
        if isinstance(entry, Joined) and not entry.is_recovered:
            last.pop((entry.client, entry.room), None)
        elif isinstance(entry, Shown):
            place = entry.client, entry.key[0]
            missing = range(last.get(place, entry.seq - 1) + 1, entry.seq)
            if any((place[1], seq) in rows or (place[1], seq) not in stored for seq in missing):
                yield f"{place} went from {last[place]} to {entry.seq}"
            last[place] = entry.seq


def _order(history: History) -> Found:
    last: dict[tuple[object, str], int] = {}
    for entry in history.entries:
        if isinstance(entry, Joined) and not entry.is_recovered:
            last.pop((entry.client, entry.room), None)
        elif isinstance(entry, Heard | Shown):
            where = entry.connection if isinstance(entry, Heard) else entry.client
            if entry.seq < last.get((where, entry.key[0]), 0):
                yield f"{entry.seq} came after {last[where, entry.key[0]]} to {entry.client}"
            last[where, entry.key[0]] = entry.seq


def _sender_order(history: History) -> Found:
    """In the order of first sending, per sender and room; a deletion waits a while on purpose."""
    stored = {row.key: row.seq for row in history.rows}
    sent: defaultdict[tuple[str, str], dict[Key, None]] = defaultdict(dict)
    for entry in history.of(Sent):
        if entry.key in stored and entry.kind != DELETE:
            sent[entry.client, entry.key[0]].setdefault(entry.key)
    for sender, keys in sent.items():
        for first, second in pairwise(keys):
            if stored[first] > stored[second]:
                yield f"{sender}: {first[2]} at {stored[first]}, the later {second[2]} at {stored[second]}"


def _logs(history: History) -> Iterator[tuple[str, list[Row]]]:
    rooms: dict[str, list[Row]] = {room: [] for room in history.last_seqs}
    for row in history.rows:
        rooms[row.key[0]].append(row)
    for room, rows in rooms.items():
        yield room, sorted(rows, key=lambda row: row.seq)


def _log_gaps(history: History) -> Found:
    for room, rows in _logs(history):
        seqs, last = [row.seq for row in rows], history.last_seqs[room]
        if seqs != list(range(1, last + 1)):
            missing = sorted(set(range(1, max([last, *seqs]) + 1)) - set(seqs))
            yield f"{room} has {len(seqs)} rows, last_seq {last}, missing {missing[:10]}"


def _falling_epochs(history: History) -> Found:
    for room, rows in _logs(history):
        for one, next_one in pairwise(rows):
            if next_one.epoch < one.epoch:
                yield f"{room}: epoch {one.epoch} at {one.seq}, {next_one.epoch} at {next_one.seq}"


def _refused_and_visible(history: History) -> Found:
    """Refused for good by the last answer it got, and never sent again."""
    refused: dict[Key, str] = {}
    for entry in history.entries:
        if isinstance(entry, Sent):
            refused.pop(entry.key, None)
        elif isinstance(entry, Answered) and entry.code is not None and not entry.is_retryable:
            refused[entry.key] = entry.code
    visible = {row.key for row in history.rows} | {heard.key for heard in history.of(Heard)}
    yield from (f"{key} was refused: {code}" for key, code in refused.items() if key in visible)


def _unsent(history: History) -> Found:
    """What is gathered out of reactions has no sender; words that change, ``changed`` judges."""
    sent = {entry.key: entry.content for entry in history.of(Sent)}
    changed = changed_places(history)
    everything: list[Row | Heard] = [*history.rows, *history.of(Heard)]
    for seen in everything:
        if seen.kind == REACT:
            continue
        words = _words(seen, changed)
        if seen.key not in sent or words not in (None, sent[seen.key]):
            yield f"nobody sent {seen.key} {seen.content!r}"


def _real_time(history: History) -> Found:
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


def _behind(history: History) -> Found:
    """Shown to every member in time: reckoned from the healing, or from when anybody knew of it."""
    known: dict[Key, float] = {}
    shown: dict[tuple[str, Key], float] = {}
    for entry in history.entries:
        if isinstance(entry, Heard | Shown) or (isinstance(entry, Answered) and entry.seq is not None):
            known.setdefault(entry.key, entry.at)
        if isinstance(entry, Shown):
            shown.setdefault((entry.client, entry.key), entry.at)
    for row in history.rows:
        if row.kind != MESSAGE:
            continue
        due_at = max(known.get(row.key, 0.0), history.healed_at) + PATIENCE_SECONDS
        for client in history.members.get(row.key[0], ()):
            at = shown.get((client, row.key), float("inf"))
            if at > due_at and history.ended_at >= due_at:
                yield f"{client} saw {row.key[0]} {row.seq} {at - due_at + PATIENCE_SECONDS:.1f} s late"


def _unanswered(history: History) -> Found:
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


def _changed_acks(history: History) -> Found:
    acked: dict[Key, int] = {}
    for answer in history.of(Answered):
        if answer.seq is not None and acked.setdefault(answer.key, answer.seq) != answer.seq:
            yield f"{answer.key} was acked as {acked[answer.key]} and as {answer.seq}"


def _wrong_people(history: History) -> Found:
    if history.ended_at < history.healed_at + PRESENCE_SECONDS:
        return  # nobody was asked so late: whoever ends a run sooner has seen that all were right
    for room, members in history.members.items():
        present = set(history.present.get(room, ()))
        for client in members:
            believed = set(history.believed.get(client, present))
            if believed != present:
                yield f"{client} in {room}: shown {believed - present}, not shown {present - believed}"


INVARIANTS: dict[str, Callable[[History], Found]] = {
    "I1": _lost_acks,
    "I2": _doubles,
    "I3": _disagreements,
    "I4": _gaps,
    "I5": _order,
    "I6": _sender_order,
    "I7": _log_gaps,
    "I8": _falling_epochs,
    "I9": _refused_and_visible,
    "I10": _unsent,
    "I11": _real_time,
    "I12": _behind,
    "I13": _unanswered,
    "I14": _changed_acks,
    "I15": different_states,
    "I16": told_after_deletion,
    "I17": undone_changes,
    "I19": _wrong_people,
}

TITLES = {
    "I1": "an acked message is lost",
    "I2": "a message twice (row or delivery)",
    "I3": "two observers disagree about a seq",
    "I4": "a gap nobody was told of",
    "I5": "a delivery out of order",
    "I6": "a sender's messages out of order",
    "I7": "the log has a gap",
    "I8": "the epoch falls along seq",
    "I9": "what was refused for good is visible",
    "I10": "a message nobody sent",
    "I11": "acked before the other was sent, yet behind it",
    "I12": "somebody still behind 10 s after the healing",
    "I13": "a send without an answer in 10 s",
    "I14": "an ack that changed between retries",
    "I15": "somebody's last state of a message is not the stored one",
    "I16": "words that have gone are told, or are in a file after the alarm",
    "I17": "a change was acked, and its effect is not there",
    "I19": "somebody is shown the wrong people 15 s after the healing",
}
