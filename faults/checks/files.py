"""I1, I2, I16 for what was sent with a message: another person gets it whole, once, and not after its end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from faults.history import MESSAGE, Answered, Found, History, Key, Place, Row, Sent, State


def lost_files(history: History) -> Found:
    sent = _files_sent(history)
    acked = {answer.key for answer in history.of(Answered) if answer.seq is not None}
    for row, state in _messages(history):
        if row.key not in sent.keys() & acked or state.content is None:
            continue
        if state.files not in sent[row.key]:
            yield f"{row.key} at {row.seq} has the files {state.files}, and was sent with {sent[row.key]}"
        for each in state.files:
            got, content = history.fetched.get(each), history.contents[row.key[2]]
            if got != content:
                what = "nothing" if got is None else f"{len(got)} bytes"
                yield f"of {each} of {row.key}, {len(content)} bytes, another person gets {what}"


def doubled_files(history: History) -> Found:
    """What hangs on a message in storage is what the message says, once."""
    bound: defaultdict[Place, set[str]] = defaultdict(set)
    for room, seq, file_id in history.bound:
        bound[room, seq].add(file_id)
    for place, files in bound.items():
        state = history.states.get(place)
        if state is not None and state.content is not None and files != {*state.files}:
            yield f"{sorted(files)} hang on {place}, which has {sorted(state.files)}"


def files_after_deletion(history: History) -> Found:
    """Everybody asked for them after that."""
    sent = _files_sent(history)
    for row, state in _messages(history):
        if state.content is not None:
            continue
        place = row.key[0], row.seq
        for each in {file_id for files in sent.get(row.key, ()) for file_id in files}:
            if history.fetched.get(each) is not None:
                yield f"{each} of {place} is given to others after its deletion"
            if (*place, each) in history.bound:
                yield f"{each} hangs on {place}, which was deleted"


def _messages(history: History) -> Iterator[tuple[Row, State]]:
    for row in history.rows:
        if row.kind == MESSAGE and (state := history.states.get((row.key[0], row.seq))) is not None:
            yield row, state


def _files_sent(history: History) -> dict[Key, set[tuple[str, ...]]]:
    """A message whose files were lost on the way is sent again with others."""
    sent: defaultdict[Key, set[tuple[str, ...]]] = defaultdict(set)
    for each in history.of(Sent):
        if each.files:
            sent[each.key].add(each.files)
    return dict(sent)
