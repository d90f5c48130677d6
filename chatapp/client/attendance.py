"""Attendance: who is here, who is typing. It drives presence's machine: asks for what that misses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from chatapp.client.aspect import Aspect, Hears, RoomLink
from chatapp.client.presence import Presence
from chatapp.client.wire import Action, Json


class Attendance(Aspect):
    def __init__(self, link: RoomLink) -> None:
        super().__init__(link)
        self.presence = Presence()
        self.typing: list[Json] = []

    def joined(self, ack: Json) -> None:
        self._carry_out(self.presence.join_ack(ack["presence"]))

    def closed(self) -> None:
        super().closed()
        self._carry_out(self.presence.closed())
        self.typing = []

    def changed(self, change: Json) -> None:
        self._carry_out(self.presence.event(change))

    def typing_changed(self, change: Json) -> None:
        self.typing = change["users"]
        self._timers.start("typing", change["ttl_ms"], self.typing.clear)

    def _carry_out(self, actions: Sequence[Action]) -> None:
        for action in actions:
            match action:
                case {"do": "ask"}:
                    self._link.request("presence", {}, self._who_is_here)
                case {"do": "timer", "name": name, "ms": ms}:
                    self._timers.start(name, ms, lambda: self._carry_out(self.presence.timer("ask")))
                case {"do": "cancel", "name": name}:
                    self._timers.cancel(name)

    def _who_is_here(self, ack: Json) -> None:
        self._carry_out(self.presence.ack(ack) if ack["ok"] else self.presence.ask_failed())

    hears: ClassVar[Hears] = {"presence": changed, "typing": typing_changed}
