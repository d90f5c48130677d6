"""What is stored, and whether all who see it see the same.

::

    I2  a message twice (row or delivery)   I8  the epoch falls along seq
    I3  two observers disagree about a seq  I10 a message nobody sent
    I7  the log has a gap
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Set
from itertools import pairwise

from faults.checks.changes import changed_places
from faults.history import MESSAGE, REACT, Found, Heard, History, Place, Row, Sent, Shown


def doubles(history: History) -> Found:
    stored = Counter(row.key for row in history.rows)
    yield from (f"{key} is stored {n} times" for key, n in stored.items() if n > 1)
    heard = Counter((heard.connection, heard.key) for heard in history.of(Heard))
    yield from (f"{key} was delivered {n} times on {on}" for (on, key), n in heard.items() if n > 1)
    shown = Counter((shown.client, shown.key) for shown in history.of(Shown))
    yield from (f"{key} was shown {n} times to {who}" for (who, key), n in shown.items() if n > 1)


def disagreements(history: History) -> Found:
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


def log_gaps(history: History) -> Found:
    for room, rows in _logs(history):
        seqs, last = [row.seq for row in rows], history.last_seqs[room]
        if seqs != list(range(1, last + 1)):
            missing = sorted(set(range(1, max([last, *seqs]) + 1)) - set(seqs))
            yield f"{room} has {len(seqs)} rows, last_seq {last}, missing {missing[:10]}"


def falling_epochs(history: History) -> Found:
    for room, rows in _logs(history):
        for one, next_one in pairwise(rows):
            if next_one.epoch < one.epoch:
                yield f"{room}: epoch {one.epoch} at {one.seq}, {next_one.epoch} at {next_one.seq}"


def _logs(history: History) -> Iterator[tuple[str, list[Row]]]:
    rooms: dict[str, list[Row]] = {room: [] for room in history.last_seqs}
    for row in history.rows:
        rooms[row.key[0]].append(row)
    for room, rows in rooms.items():
        yield room, sorted(rows, key=lambda row: row.seq)


def unsent(history: History) -> Found:
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
