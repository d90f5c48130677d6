"""Reactions on their way: settings, of which the last wins.

They need no order, neither among each other nor with messages, and their answer may take a second: so
none waits for another, and no message for them. A part of the outbox, as pure as that.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chatapp.client.entries import Entries, Entry
from chatapp.client.one_timer import OneTimer
from chatapp.client.retry import retry_ms
from chatapp.client.wire import Action, Json


class ReactionLane:
    def __init__(self) -> None:
        self._entries = Entries()
        self._is_ready = False
        self._refusals_in_a_row = 0
        self._timer = OneTimer("react")

    @property
    def entries(self) -> list[Entry]:
        return self._entries.all

    def find(self, client_id: str) -> Entry | None:
        return self._entries.find(client_id)

    def restore(self, drafts: Iterable[Json]) -> list[Action]:
        self._entries.restore(drafts)
        return self._send_all()

    def put(self, **draft: Any) -> list[Action]:
        known = [e for e in self.entries if self._entries.is_own(e) and e.target == draft["target"]]
        entry = next((e for e in known if e.emoji == draft["emoji"]), None)
        if entry is None:
            entry = self._entries.put(**draft)
        entry.on, entry.put_at = draft["on"], draft["put_at"]
        return [{"do": "store", "client_id": entry.client_id}, *self._send_all()]

    def become(self, user: Json) -> list[Action]:
        self._entries.user = user
        for entry in self.entries:
            entry.author = entry.author or user
        return self._send_all()

    def ready(self) -> list[Action]:
        self._is_ready = True
        return self._send_all()

    def closed(self) -> list[Action]:
        self._is_ready = False
        for entry in self.entries:
            entry.state = "waiting"
        return self._timer.cancel()

    def rang(self) -> list[Action]:
        self._timer.rang()
        return self._send_all()

    def stored(self, entry: Entry, place: Json) -> list[Action]:
        """A place without a seq: nothing has changed."""
        self._refusals_in_a_row = 0
        entry.state = "waiting"
        if entry.sent_on != entry.on:
            return self._send_all()
        self._entries.remove(entry)
        seq = {"seq": place["seq"]} if "seq" in place else {}
        return [
            {"do": "forget", "client_id": entry.client_id},
            {"do": "sent", "client_id": entry.client_id, **seq},
        ]

    def refused(self, entry: Entry, refusal: Json) -> list[Action]:
        entry.state = "waiting"
        if refusal["retryable"]:
            return [] if self._timer.is_running else self._wait(refusal)
        self._entries.remove(entry)
        return [
            {"do": "forget", "client_id": entry.client_id},
            {"do": "refused", "client_id": entry.client_id, "code": refusal["code"]},
        ]

    def _wait(self, refusal: Json) -> list[Action]:
        ms = refusal.get("retry_after_ms", retry_ms(self._refusals_in_a_row))
        self._refusals_in_a_row += 1
        return self._timer.start(ms)

    def _send_all(self) -> list[Action]:
        if not self._is_ready or self._timer.is_running:
            return []
        waiting = [e for e in self.entries if e.state == "waiting" and self._entries.is_own(e)]
        for entry in waiting:
            entry.state, entry.sent_on = "sending", entry.on
        return [
            {
                "do": "send",
                "kind": "react",
                "client_id": entry.client_id,
                "target": entry.target,
                "emoji": entry.emoji,
                "on": entry.on,
            }
            for entry in waiting
        ]
