"""The words this client uses of the wire, as it came: plain JSON objects."""

from __future__ import annotations

from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]
Event: TypeAlias = Json
"""One row of a room's log: room, seq, type, id, ts, user, client_id, body."""
Action: TypeAlias = Json
"""What a machine wants done: `{"do": …, …}`. All machines and their rules: tests/vectors/README.md."""
