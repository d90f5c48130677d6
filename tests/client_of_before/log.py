"""One room's log as this client has it: nothing twice, nothing missing unnoticed, always in order.

A pure machine: each input changes the state and gives the actions that follow from it. The newest
range grows at its end (`last`); an event beyond it is held until the hole before it is filled.
"""

from __future__ import annotations

import math

from tests.client_of_before.one_timer import OneTimer
from tests.client_of_before.ranges import Ranges, Row, is_row
from tests.client_of_before.wire import Action, Event, Json

_GAP_MS = 300
_RETRY_MS = 1_000


class RoomLog:
    def __init__(self) -> None:
        self.stream: str | None = None
        self.phase = "closed"  # then "joining", then "joined"
        self._retention_ms = math.inf
        self._ranges = Ranges()
        self._head = 0
        self._held: dict[int, Event] = {}
        self._newer_after: int | None = None  # the request for newer rows that is on its way
        self._asked: list[Json] = []  # other requests on their way
        self._gap_timer = OneTimer("gap")

    @property
    def last(self) -> int:
        return self._ranges.last

    @property
    def start(self) -> str:
        return self._ranges.start

    @property
    def pending(self) -> list[int]:
        return sorted(self._held)

    @property
    def catching_up(self) -> int:
        """How many are known to exist and are not here yet."""
        return max(0, self._head - self.last) if self.phase == "joined" else 0

    @property
    def rows(self) -> list[Row]:
        return self._ranges.rows()

    def open(self) -> list[Action]:
        actions = self._forget_requests()
        self.phase = "joining"
        since = None if self.stream is None else {"stream": self.stream, "seq": self.last}
        return [*actions, {"do": "join", "since": since}]

    def resync(self) -> list[Action]:
        return self.open()

    def closed(self) -> list[Action]:
        self._held.clear()
        self.phase = "closed"
        return self._forget_requests()

    def join_ack(self, ack: Json) -> list[Action]:
        if self.phase != "joining":
            return []
        is_ours = ack["stream"] == self.stream
        is_recovered = is_ours and ack["recovered"]
        self.phase = "joined"
        self.stream = ack["stream"]
        self._retention_ms = ack["room"]["retention_ms"]
        self._head = ack["head"]
        if not is_recovered:
            is_same_log = is_ours and ack.get("reason") not in {"ahead", "stream_changed"}
            self._ranges.start_page(ack, is_same_log=is_same_log)
        self._hold(ack["events"])
        return self._release(has_more=is_recovered and ack["more"])

    def event(self, event: Event) -> list[Action]:
        if self.phase == "closed":
            return []
        self._hold([event])
        return self._release(has_more=False) if self.phase == "joined" else []

    def timer(self, name: str) -> list[Action]:
        assert name == self._gap_timer.name
        self._gap_timer.rang()
        return self._ask_newer() if self.phase == "joined" and self._newer_after is None else []

    def behind(self, head: int) -> list[Action]:
        if self.phase != "joined":
            return []
        self._head = max(self._head, head)
        return self._ask_newer() if head > self.last and self._newer_after is None else []

    def history_ack(self, request: Json, ack: Json) -> list[Action]:
        if request == {"after": self._newer_after}:
            return self._newer_came(ack)
        if request not in self._asked:
            return []
        self._asked.remove(request)
        if "before" in request:
            return _show(self._ranges.extend_up(request["before"], ack))
        return _show(self._ranges.fill(request["after"], ack))

    def history_failed(self, request: Json, retry_after_ms: int = 0) -> list[Action]:
        if request == {"after": self._newer_after}:
            self._newer_after = None
            return self._gap_timer.start(max(_RETRY_MS, retry_after_ms))
        self._asked = [asked for asked in self._asked if asked != request]
        return []

    def older(self) -> list[Action]:
        return self._ask({"before": self._ranges.oldest}) if self.start == "more" else []

    def fill(self, first: int) -> list[Action]:
        """Load the gap row that starts at `first`."""
        return self._ask({"after": first - 1})

    def expire(self, now: int) -> list[Action]:
        if self._retention_ms == math.inf:
            return []
        seqs = self._ranges.expire(now - int(self._retention_ms))
        return [{"do": "hide", "seqs": seqs}] if seqs else []

    def _hold(self, events: list[Event]) -> None:
        for event in events:
            self._held[event["seq"]] = event
            self._head = max(self._head, event["seq"])

    def _release(self, *, has_more: bool) -> list[Action]:
        """Apply what follows, then see to what does not."""
        shown = _show(self._apply_held())
        if self._newer_after is not None:
            return shown
        if has_more or (not self._held and self._head > self.last):
            return [*shown, *self._ask_newer()]
        if not self._held:
            return [*shown, *self._gap_timer.cancel()]
        return shown if self._gap_timer.is_running else [*shown, *self._gap_timer.start(_GAP_MS)]

    def _apply_held(self) -> list[Event]:
        applied = []
        for seq in self.pending:
            if seq > self.last + 1:
                break
            event = self._held.pop(seq)
            if seq == self.last + 1:
                self._ranges.append(event)
                applied.append(event)
        return applied

    def _newer_came(self, ack: Json) -> list[Action]:
        before = self.last
        self._newer_after = None
        self._head = max(self._head, ack["head"])
        self._ranges.skip_to(ack["floor"] if ack["from"] is None else ack["from"])
        self._hold(ack["events"])
        brings_nothing = self.last == before and all(event["seq"] <= before for event in ack["events"])
        if brings_nothing and self.catching_up:
            return self._gap_timer.start(_RETRY_MS)
        return self._release(has_more=ack["more_after"])

    def _ask_newer(self) -> list[Action]:
        actions = self._gap_timer.cancel()
        self._newer_after = self.last
        return [*actions, {"do": "history", "after": self.last}]

    def _ask(self, request: Json) -> list[Action]:
        if self.phase != "joined" or request in self._asked:
            return []
        self._asked.append(request)
        return [{"do": "history", **request}]

    def _forget_requests(self) -> list[Action]:
        self._newer_after = None
        self._asked = []
        return self._gap_timer.cancel()


def _show(events: list[Event]) -> list[Action]:
    seqs = [event["seq"] for event in events if is_row(event)]
    return [{"do": "show", "seqs": seqs}] if seqs else []
