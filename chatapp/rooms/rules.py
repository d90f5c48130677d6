"""The numbers a room lives by. Times are in ms."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomRules:
    """``page_limit`` is also how many of the newest rows of the screen an awake room keeps in memory."""

    retention_ms: int
    page_limit: int = 200
    recovery_limit: int = 2_000  # more missed rows than this are too far to be sent after
    remembered_ids: int = 1_000
    emoji_limit: int = 20  # different ones on one message
    here_limit: int = 20  # where more people are, nobody calls them all at once
    ids_looked_up_after_wake_ms: int = 60_000
    presence_grace_ms: int = 15_000
    presence_interval_ms: int = 250
    presence_names_limit: int = 200
    typing_ttl_ms: int = 6_000
    typing_names_limit: int = 20
    read_flush_ms: int = 2_000
    attachment_limit_bytes: int = 16_384
    name_limit: int = 32
