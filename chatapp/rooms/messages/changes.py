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
    """A reaction to a message is there, or no more, by the change ``rev``. ``ts`` is the message's.

    ``seq`` is since when its emoji is there, whoever brought it: who comes later is stored with the same, so
    that the order of the emoji stays when the first takes theirs back.
    """

    room_id: str
    target: int
    target_id: str
    emoji: str
    user_id: str
    name: str
    on: bool
    seq: int
    rev: int
    ts: int
    cutoff: int
