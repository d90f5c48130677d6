"""The checker's part about messages that were changed after they were said.

::

    I16 words that were deleted are told all the same: in an answer decided after the deletion, or 10 s later
    I17 a change was acked, and its effect is not there
"""

from __future__ import annotations

from collections import defaultdict

from faults.history import (
    DELETE,
    EDIT,
    MESSAGE,
    REACT,
    Answered,
    Brought,
    Found,
    Heard,
    History,
    Key,
    Place,
    ReactionAnswered,
    ReactionKey,
    ReactionSent,
    Sent,
    Shown,
)

FRAME_SECONDS = 10.0  # what was under way may still arrive


def changed_places(history: History) -> set[Place]:
    """Where messages are whose words did not stay."""
    return {(row.key[0], row.target) for row in history.rows if row.kind not in (MESSAGE, REACT)}


def told_after_deletion(history: History) -> Found:
    deleted_at = _acked_deletions(history)
    for entry in history.entries:
        match entry:
            case Heard(kind="message") | Shown():
                place, decided_after = (entry.key[0], entry.seq), entry.at - FRAME_SECONDS
            case Brought():
                place, decided_after = (entry.room, entry.seq), entry.asked_at
            case _:
                continue
        if entry.content and deleted_at.get(place, float("inf")) < decided_after:
            late = entry.at - deleted_at[place]
            yield f"{place} was told to {entry.client} {late:.1f} s after its deletion"


def undone_changes(history: History) -> Found:
    yield from _undone_deletions(history)
    yield from _undone_edits(history)
    yield from _undone_reactions(history)


def _undone_deletions(history: History) -> Found:
    for place in _acked_deletions(history):
        state = history.states.get(place)
        if state is not None and state.content is not None:
            yield f"{place} was deleted, and says {state.content!r}"


def _undone_edits(history: History) -> Found:
    """The last of a message's edits, by the log's order, is what it says; if none has, its first words."""
    sent = {each.key: each for each in history.of(Sent)}
    last: dict[Place, Key] = {}
    for row in sorted(history.rows, key=lambda row: row.seq):
        if row.kind == MESSAGE:
            last[row.key[0], row.seq] = row.key
        elif row.kind == EDIT:
            last[row.key[0], row.target] = row.key
    for place, key in last.items():
        state, said = history.states.get(place), sent.get(key)
        if state is None or state.content is None or said is None:
            continue
        if state.content != said.content:
            yield f"{place} says {state.content!r}, and not {said.content!r}"
        if (called := {id_ for id_, *_ in state.mentions}) != {*said.mentions}:
            yield f"{place} calls {sorted(called)}, and not {sorted(said.mentions)}"


def _undone_reactions(history: History) -> Found:
    """The last that each person wanted, if it was acked and nothing else was under way."""
    wanted: dict[ReactionKey, list[ReactionSent]] = defaultdict(list)
    acked: dict[ReactionKey, float] = {}
    for sent in history.of(ReactionSent):
        wanted[sent.key].append(sent)
    for answer in history.of(ReactionAnswered):
        if answer.code is None:
            acked[answer.key] = answer.at
    for key, sents in wanted.items():
        state = history.states.get((key[0], key[1]))
        is_known = state is not None and state.content is not None and acked.get(key, 0.0) > sents[-1].at
        if is_known and (key in history.reactions) != sents[-1].on:
            yield f"{key} was turned {'on' if sents[-1].on else 'off'}, and is not"


def _acked_deletions(history: History) -> dict[Place, float]:
    deletions = {sent.key: (sent.key[0], sent.target) for sent in history.of(Sent) if sent.kind == DELETE}
    deleted_at: dict[Place, float] = {}
    for answer in history.of(Answered):
        if answer.seq is not None and answer.key in deletions:
            deleted_at.setdefault(deletions[answer.key], answer.at)
    return deleted_at
