"""I15: what somebody sees of a message is what is stored, in the end; and on the way it never goes back.

Changes come to each client in the order of the log. So whoever applies an older one over a newer state soon
gets the newer one again, and ends with the right words; people have read the wrong ones meanwhile.
"""

from __future__ import annotations

from faults.history import DELETE, MESSAGE, REACT, Found, History, Place, Seen, Sent, Shown


def different_states(history: History) -> Found:
    for client, view in history.views.items():
        for place, seen in view.items():
            stored = history.states.get(place, seen)  # it may have expired meanwhile
            if seen != stored:
                yield f"{place} is {seen} to {client}, and {stored} in the log"


def states_gone_back(history: History) -> Found:
    said_at, newest = _places_of_texts(history), dict[tuple[str, Place], int]()
    for entry in history.entries:
        match entry:
            case Shown(key=(room, _, _)) | Seen(room=room):
                place = room, entry.seq
            case _:
                continue
        at, seen = said_at.get((place, entry.content), 0), newest.get((entry.client, place), 0)
        if 0 < at < seen:
            yield f"{place} said to {entry.client} what it was at {at}, after what it was at {seen}"
        newest[entry.client, place] = max(at, seen)


def _places_of_texts(history: History) -> dict[tuple[Place, str], int]:
    """Where in the log a message got each of its texts; a deleted one has none."""
    words = {sent.key: sent.content for sent in history.of(Sent)}
    return {
        ((row.key[0], row.seq if row.kind == MESSAGE else row.target), words.get(row.key, "")): row.seq
        for row in sorted(history.rows, key=lambda row: row.seq)
        if row.kind != REACT and (row.key in words or row.kind == DELETE)
    }
