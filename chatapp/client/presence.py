"""Who is here, merged from numbered changes.

A change is merged when it is the next one, dropped when it is old, and kept when there is a jump
before it: then the whole list is asked for, once, and what was kept follows the answer.
"""

from __future__ import annotations

from chatapp.client.one_timer import OneTimer
from chatapp.client.wire import Action, Json

_ASK_AGAIN_MS = 1_000


class Presence:
    def __init__(self) -> None:
        self.v: list[int] | None = None
        self.count = 0
        self._users: dict[str, Json] = {}
        self._kept: list[Json] = []
        self._is_asking = False
        self._timer = OneTimer("ask")

    @property
    def users(self) -> list[Json]:
        return list(self._users.values())

    def join_ack(self, presence: Json) -> list[Action]:
        actions = self.closed()
        self._replace(presence, presence["users"])
        return actions

    def event(self, event: Json) -> list[Action]:
        if self.v is None or event["v"] <= self.v:
            return []
        if "full" in event:
            self._replace(event, event["full"])
        else:
            self._kept.append(event)
        return self._merge_kept()

    def ack(self, ack: Json) -> list[Action]:
        if not self._is_asking:
            return []
        self._is_asking = False
        if self.v is None or ack["v"] >= self.v:
            self._replace(ack, ack["users"])
        return self._merge_kept()

    def ask_failed(self) -> list[Action]:
        return self._timer.start(_ASK_AGAIN_MS) if self._is_asking else []

    def timer(self, name: str) -> list[Action]:
        assert name == self._timer.name
        self._timer.rang()
        return [{"do": "ask"}]

    def closed(self) -> list[Action]:
        self._kept = []
        self._is_asking = False
        return self._timer.cancel()

    def _merge_kept(self) -> list[Action]:
        assert self.v is not None
        for change in sorted(self._kept, key=lambda kept: kept["v"]):
            if change["v"] == [self.v[0], self.v[1] + 1]:
                self._merge(change)
        self._kept = [change for change in self._kept if change["v"] > self.v]
        if not self._kept or self._is_asking:
            return []
        self._is_asking = True
        return [{"do": "ask"}]

    def _merge(self, change: Json) -> None:
        for user in change.get("left", ()):
            self._users.pop(user["id"], None)
        for user in (*change.get("joined", ()), *change.get("changed", ())):
            self._users[user["id"]] = user
        self.v = change["v"]
        self.count = change["count"]

    def _replace(self, whole: Json, users: list[Json]) -> None:
        self.v = whole["v"]
        self.count = whole["count"]
        self._users = {user["id"]: user for user in users}
