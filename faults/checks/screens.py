"""What comes to somebody's screen: all of it, in order, in time, and who is there.

::

    I4  a gap nobody was told of     I12 somebody still behind 10 s after the healing
    I5  a delivery out of order      I19 somebody is shown the wrong people 15 s after the healing
"""

from __future__ import annotations

from faults.history import MESSAGE, PATIENCE_SECONDS, Answered, Found, Heard, History, Joined, Key, Shown

PRESENCE_SECONDS = 15.0


def gaps(history: History) -> Found:
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


def out_of_order(history: History) -> Found:
    last: dict[tuple[object, str], int] = {}
    for entry in history.entries:
        if isinstance(entry, Joined) and not entry.is_recovered:
            last.pop((entry.client, entry.room), None)
        elif isinstance(entry, Heard | Shown):
            where = entry.connection if isinstance(entry, Heard) else entry.client
            if entry.seq < last.get((where, entry.key[0]), 0):
                yield f"{entry.seq} came after {last[where, entry.key[0]]} to {entry.client}"
            last[where, entry.key[0]] = entry.seq


def behind(history: History) -> Found:
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


def wrong_people(history: History) -> Found:
    if history.ended_at < history.healed_at + PRESENCE_SECONDS:
        return  # nobody was asked so late: whoever ends a run sooner has seen that all were right
    for room, members in history.members.items():
        present = set(history.present.get(room, ()))
        for client in members:
            believed = set(history.believed.get(client, present))
            if believed != present:
                yield f"{client} in {room}: shown {believed - present}, not shown {present - believed}"
