"""How long to wait before the next connection attempt.

Between half a second and a ceiling that doubles from one second to ten, at random, so that the
clients of a restarted server do not come back as one; or exactly what the server asked for.
"""

from __future__ import annotations

from chatapp.client.wire import Action

_SHORTEST_MS = 500
_LONGEST_MS = 10_000


class Reconnect:
    def __init__(self) -> None:
        self.attempt = 0

    def online(self) -> list[Action]:
        self.attempt = 0
        return []

    def lost(self, random: float, after_ms: int | None = None) -> list[Action]:
        self.attempt += 1
        ceiling = min(_LONGEST_MS, 1_000 * 2 ** min(self.attempt - 1, 10))
        drawn = int(_SHORTEST_MS + random * (ceiling - _SHORTEST_MS))
        return [{"do": "wait", "ms": drawn if after_ms is None else after_ms}]
