"""Targets: the messages that others answer or change, as they are now."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from chatapp.rooms.aspect import Question


class TargetId(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Which message is meant. After a restore seqs are given again: then ``id`` is another."""

    seq: int
    id: str


class Target(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A message as it is now. ``body`` is what is told of it; ``edited_seq`` 0 if its text never changed."""

    seq: int
    id: str
    ts: int
    user_id: str
    user_name: str
    rev: int
    edited_seq: int
    body: bytes
    is_deleted: bool


class Targets(Question, frozen=True, kw_only=True):
    """The messages at these places that are younger than ``cutoff``, deleted or not: a mapping of seqs."""

    seqs: tuple[int, ...]
    cutoff: int


class ReactionKey(NamedTuple):
    target: int
    emoji: str
    user_id: str


class ReactionsOn(Question, frozen=True, kw_only=True):
    """What the messages at these places have of reactions, and which of ``keys`` there are: ``Reactions``."""

    targets: tuple[int, ...]
    keys: tuple[ReactionKey, ...]


class ReactionsOf(Question, frozen=True, kw_only=True):
    """What these people have set on messages with ``after < seq``: by user id and target, emoji as they came.

    Whoever has set none is not in the mapping.
    """

    user_ids: tuple[str, ...]
    after: int


class Reactions(msgspec.Struct, frozen=True, kw_only=True):
    """``counts`` is by target and emoji, the emoji in the order in which they came to be there."""

    counts: dict[int, dict[str, int]]
    existing: frozenset[ReactionKey]
