"""What one aspect of the chat says on the wire: its requests with their acks, its signals, its routes.

Each has a module of its own, like the aspects of a room, and ends it with its ``WORDS``. Validation,
encoding and the documents follow from them (``catalogue``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from chatapp.protocol.forms import Request
from chatapp.protocol.refusals import Refused

Named = tuple[str, msgspec.Struct]
"""A signal of the wire: its event's name, and what it carries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """`answer` is the type of what is answered with `status`; None: text, or nothing with 204.

    `refuses` are the statuses of the other answers.

    The names in `path` and `query`, and `headers` under other names, are fields of `request`, which may be
    said on a socket as well.
    """

    method: str
    path: str
    summary: str
    answer: type[msgspec.Struct] | None
    is_list: bool = False
    status: int = 200
    body: type[msgspec.Struct] | None = None
    needs_token: bool = False
    request: type[Request] | None = None
    query: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    refuses: tuple[int, ...] = ()
    refuses_with: type[msgspec.Struct] = Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """`signals` are by name. `told` makes them of what a room says, given the room's id.

    `features` are what was added to a request, as `event.field`: a client offers nothing that is not named.
    """

    requests: Sequence[type[Request]] = ()
    signals: Mapping[str, type[msgspec.Struct]] = field(default_factory=dict)
    told: Mapping[type[Any], Callable[[str, Any], Named]] = field(default_factory=dict)
    routes: Sequence[Route] = ()
    features: Sequence[str] = ()
