"""I15, of mentions: the rows by which people find that they were called are those of the messages."""

from __future__ import annotations

from faults.history import Call, Found, History, Place, Unread

EVERYBODY = ""
COUNTED = 100  # of the newest rows of one person, as docs/protocol.md has it


def wrong_calls(history: History) -> Found:
    authors = _authors(history)
    wanted: set[Call] = {
        (room, user, since or seq, seq)
        for (room, seq), state in history.states.items()
        for user, _name, since in state.mentions
        if user != authors[room, seq]  # nobody calls themselves
    }
    yield from (
        f"{call} is stored, and that message does not call them" for call in history.mentions - wanted
    )
    yield from (f"{call} is not stored, and that message calls them" for call in wanted - history.mentions)


def wrong_counts(history: History) -> Found:
    authors = _authors(history)
    for told in history.unread:
        count = sum(
            authors[told.room, target] != told.user and history.states[told.room, target].content is not None
            for target in _newest(history, told)
        )
        if count != told.mentions:
            where = f"behind {told.read} in {told.room}"
            yield f"{told.user} is called {count} times {where}, and told {told.mentions}"


def _newest(history: History, told: Unread) -> list[int]:
    calls = [
        (seq, target)
        for room, user, seq, target in history.mentions
        if room == told.room and user in (told.user, EVERYBODY) and seq > told.read
    ]
    return [target for _seq, target in sorted(calls, reverse=True)[:COUNTED]]


def _authors(history: History) -> dict[Place, str]:
    return {(row.key[0], row.seq): row.key[1] for row in history.rows}
