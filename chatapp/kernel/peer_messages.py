"""Peer messages by which a command reaches its room's owner, and its answer comes back.

The commands of one sender to one room are a *forward sequence*, numbered from 0, and the owner takes
none out of step: what was lost on the way is never overtaken by what was said after it. A sender that
is in doubt begins a new sequence, with a higher id, and says everything unanswered again.
"""

from __future__ import annotations

from typing import Any

import msgspec


class Forward(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A command for a room that ``sender`` believes to be the receiver's.

    ``forward_id`` is the sender's, and stays when it is said again. After ``give_up_ms`` (database
    clock) nobody waits any more. ``is_found``: the database has just named the receiver as owner.
    """

    sender: str
    forward_id: int = msgspec.field(name="letter_id")  # the version before calls it so
    sequence_id: int = msgspec.field(name="line")
    number: int
    give_up_ms: int
    is_found: bool
    command: Any


class Moved(msgspec.Struct, frozen=True, tag=True):
    """The room is not here; ask the database."""


class OutOfStep(msgspec.Struct, frozen=True, tag=True):
    """Something of this sequence was lost before; begin a new one."""


class Answered(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """``answer`` is the room's, a ``ChatError``, ``Moved`` or ``OutOfStep``."""

    sender: str
    room_id: str
    forward_id: int = msgspec.field(name="letter_id")
    answer: Any
