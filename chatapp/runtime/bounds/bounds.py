"""How much a server keeps of connections that do not talk to the application, and who is told of the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

# Why a connection was ended without an answer of the application.
REASONS = ("address", "node", "bytes", "descriptors", "slow", "malformed", "unread")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How many connections without a whole request, idle ones, and unread answers there may be."""

    each: int = 250  # of one address
    total: int = 4_000
    held_bytes: int = 64 << 20  # of requests that are not whole
    bodies_each: int = 32  # that are streamed, of one address
    bodies_person: int = 3
    bodies: int = 128  # of each a piece is held: 64 MiB


class Meter(Protocol):
    def connection_refused(self, reason: str) -> None: ...

    def accept_failed(self, error: str) -> None: ...

    def request_failed(self) -> None: ...
