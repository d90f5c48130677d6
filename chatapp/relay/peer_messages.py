"""What an owner tells the nodes that listen to its rooms, and what they tell it.

The kernel's peer messages carry commands; these carry what came of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec


class EncodedUpdate(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """One event or signal, encoded once for each dialect; None where a dialect has no word for it.

    ``seq`` is an event's place in the log, None for a signal. ``user_id`` is set on what only that
    person's connections may hear. ``presence`` is a change of presence's number within the epoch.
    """

    seq: int | None
    socketio: bytes | None
    plain: bytes | None
    user_id: str | None = None
    presence: int | None = None


class Delivery(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What one commit of a room brought, for everybody on the receiving node who listens."""

    sender: str
    room_id: str
    epoch: int
    updates: Sequence[EncodedUpdate] = msgspec.field(name="pieces")  # as older nodes beside this one say it


class Head(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """``presence`` is the number of the newest change that was told; None: of that it says nothing."""

    room_id: str
    epoch: int
    head: int
    presence: int | None = None


class Heads(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Where logs end, and how often presence has changed, so that the last word is not missed either."""

    sender: str
    heads: Sequence[Head]


class Takes(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What people used up at a node since it last said so: by rate, how often each key."""

    sender: str
    by_rate: Mapping[str, Mapping[str, int]]


class OpenCounts(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """How many connections people and addresses have at a node: all, or those that changed."""

    sender: str
    people: Mapping[str, int]
    addresses: Mapping[str, int]
    is_everything: bool = False
    wants_yours: bool = False


class Aside(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A command that only an awake room shall hear, and that nobody waits for."""

    sender: str
    command: Any
