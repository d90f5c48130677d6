"""Changes: what is stored when a message is changed after it was said.

Both are guarded by the message's seq and id, and by its still being there: what has gone stays gone. They
are stored behind the events of their commit, in the order of the turn.
"""

from __future__ import annotations

from chatapp.rooms.events import Record


class MessageChanged(Record, frozen=True, kw_only=True):
    """Other words for a message; ``is_deleted``: the last ones, that say so. ``rev`` is the change's seq.

    ``body`` is in its stored form. ``cutoff`` (ms): a message from up to then has expired.
    """

    room_id: str
    seq: int
    id: str
    rev: int
    cutoff: int
    user_name: str
    body: bytes
    is_deleted: bool


class ReactionSet(Record, frozen=True, kw_only=True):
    """A reaction to a message is there, or no more, by the change ``seq``. ``ts`` is the message's.

    An emoji keeps its place as long as anybody has it: who comes later is stored with the seq of the first.
    The person's name stands in the event alone.
    """

    room_id: str
    target: int
    target_id: str
    emoji: str
    user_id: str
    on: bool
    seq: int
    ts: int
    cutoff: int
