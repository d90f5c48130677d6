"""Reading: how far this person has read, here or on another device."""

from __future__ import annotations

from typing import ClassVar

from chatapp.client.aspect import Aspect, Hears, RoomLink
from chatapp.client.wire import Json


class Reading(Aspect):
    def __init__(self, link: RoomLink) -> None:
        super().__init__(link)
        self.seq = 0

    def joined(self, ack: Json) -> None:
        self.seq = ack["read"] or 0

    def moved(self, moved: Json) -> None:
        self.seq = max(self.seq, moved["seq"])

    hears: ClassVar[Hears] = {"read": moved}
