"""Who hears of what becomes of messages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chatapp.client.wire import Event, Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Listeners:
    shown: Callable[[Event], None]  # a row is here
    changed: Callable[[Event], None]  # it was, and is another now
    refused: Callable[[str, Json], None]  # what this client id was sent with is not stored: why
