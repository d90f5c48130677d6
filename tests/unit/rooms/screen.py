"""What a client has of a room's messages, by the rules for clients, as plainly as they can be said."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from math import inf
from typing import Any

from chatapp.rooms.events import RoomEvent
from chatapp.rooms.messages.pages import is_row


class Screen:
    """Rows by seq: what is told of each, and which change it is as of."""

    def __init__(self) -> None:
        self.rows: dict[int, tuple[int, dict[str, Any]]] = {}

    def texts_as_of(self) -> Iterator[tuple[int, float]]:
        """Of each row the seq of the edit that its text is of; a deleted one has none after it."""
        for seq, (_, body) in self.rows.items():
            yield seq, inf if "deleted" in body else body.get("edited_seq", 0)

    def read(self, events: Iterable[RoomEvent]) -> None:
        """An answer: its rows are as of now, so its changes have been made already, or are to come."""
        for event in events:
            if is_row(event):
                held = self.rows.get(event.seq)
                if held is None or held[0] < (event.rev or event.seq):
                    self.rows[event.seq] = (event.rev or event.seq, json.loads(event.body))
            else:
                self.hear(event)

    def hear(self, event: RoomEvent) -> None:
        body = json.loads(event.body)
        match event.type:
            case "edit":
                self._edit(event.seq, body)
            case "delete":
                deleted = {"at": event.ts, "by": body["by"]}
                self._set(event.seq, body["target"]["seq"], {"content": "", "deleted": deleted})
                self._requote(event.seq, body["target"]["seq"], deleted=True)
            case "react":
                for change in body["changes"]:
                    self._react(event.seq, change)
                for change in body["changes"]:
                    self._touch(event.seq, change["target"]["seq"])
            case _:
                self.read([event])

    def _edit(self, seq: int, body: dict[str, Any]) -> None:
        target = body["target"]["seq"]
        if body.get("gone"):
            return
        said = ("content", "mentions", "uploads", "edited_at", "edited_seq")
        edit = {key: body[key] for key in said if key in body}
        held = self.rows.get(target)
        if held and seq > held[0]:
            stays = {key: value for key, value in held[1].items() if key not in said}
            is_older = body["edited_seq"] < held[1].get("edited_seq", 0)  # than a text that was read later
            self._set(seq, target, held[1] if is_older else {**stays, **edit})
        files = {"files": len(body["uploads"])} if "uploads" in body else {}
        self._requote(seq, target, excerpt=body["content"], rev=body["edited_seq"], **files)

    def _react(self, seq: int, change: dict[str, Any]) -> None:
        held = self.rows.get(change["target"]["seq"])
        if held is None or seq <= held[0]:
            return
        counts = {each["emoji"]: each["count"] for each in held[1].get("reactions", ())}
        counts[change["emoji"]] = change["count"]
        told = [{"emoji": emoji, "count": count} for emoji, count in counts.items() if count]
        held[1].pop("reactions", None)
        held[1].update({"reactions": told} if told else {})

    def _touch(self, seq: int, target: int) -> None:
        if target in self.rows:
            self.rows[target] = (max(seq, self.rows[target][0]), self.rows[target][1])

    def _set(self, seq: int, target: int, body: dict[str, Any]) -> None:
        if target in self.rows and seq > self.rows[target][0]:
            self.rows[target] = (seq, body)

    def _requote(self, seq: int, target: int, **change: Any) -> None:
        for _, body in self.rows.values():
            quote = body.get("quote")
            if quote and quote["seq"] == target and "user" in quote and quote.get("rev", 0) < seq:
                quote.pop("files", None)
                body["quote"] = {"seq": target, "deleted": True} if "deleted" in change else quote | change
