"""The newest end of a log: what is held until the hole before it is filled, and what is asked for."""

from __future__ import annotations

from chatapp.client.changes import is_change, rev_of
from chatapp.client.history_requests import HistoryRequests
from chatapp.client.log_range import Mine, is_row
from chatapp.client.one_timer import OneTimer
from chatapp.client.ranges import Ranges
from chatapp.client.row_changes import RowChanges
from chatapp.client.wire import Action, Event, Json

_GAP_MS = 300
_RETRY_MS = 1_000


class LogEnd:
    """At most one request for newer rows is on its way; while it is, nothing else is done about a hole."""

    def __init__(self, ranges: Ranges, requests: HistoryRequests, changes: RowChanges) -> None:
        self.head = 0  # the newest that is known to exist
        self._ranges = ranges
        self._requests = requests
        self._changes = changes
        self._held: dict[int, tuple[Event, Mine]] = {}
        self._after: int | None = None  # of the request for newer rows that is on its way
        self._timer = OneTimer("gap")

    @property
    def pending(self) -> list[int]:
        return sorted(self._held)

    def is_asked_by(self, request: Json) -> bool:
        return request == {"after": self._after}

    def forget_held(self) -> None:
        self._held.clear()

    def forget_request(self) -> list[Action]:
        self._after = None
        return self._timer.cancel()

    def came(self, events: list[Event], mine: Mine) -> None:
        for event in events:
            held = self._held.get(event["seq"])
            if held is None or rev_of(event) >= rev_of(held[0]):
                self._held[event["seq"]] = event, mine
            self.head = max(self.head, event["seq"])

    def release(self, *, has_more: bool, answer: Json | None = None) -> list[Action]:
        """Apply what follows, then see to what does not. `answer` brought it."""
        shown = show(self._apply_held())
        if answer is not None:
            self._changes.brought(answer)
        if self._after is not None:
            return shown
        if has_more or (not self._held and self.head > self._ranges.last):
            return [*shown, *self.ask()]
        if not self._held:
            return [*shown, *self._timer.cancel()]
        return shown if self._timer.is_running else [*shown, *self._timer.start(_GAP_MS)]

    def rang(self) -> list[Action]:
        self._timer.rang()
        return self.ask()

    def behind(self, head: int) -> list[Action]:
        self.head = max(self.head, head)
        return self.ask() if head > self._ranges.last else []

    def ask(self) -> list[Action]:
        if self._after is not None:
            return []
        actions = self._timer.cancel()
        self._after = self._ranges.last
        self._requests.begin({"after": self._after})
        return [*actions, {"do": "history", "after": self._after}]

    def answered(self, ack: Json) -> list[Action]:
        before = self._ranges.last
        self._after = None
        self.head = max(self.head, ack["head"])
        self._ranges.skip_to(ack["floor"] if ack["from"] is None else ack["from"])
        self.came(ack["events"], ack.get("mine", {}))
        is_stuck = self._ranges.last == before and all(event["seq"] <= before for event in ack["events"])
        if is_stuck and self.head > before:
            return self._timer.start(_RETRY_MS)
        return self.release(has_more=ack["more_after"], answer=ack)

    def failed(self, retry_after_ms: int) -> list[Action]:
        self._after = None
        return self._timer.start(max(_RETRY_MS, retry_after_ms))

    def _apply_held(self) -> list[Event]:
        applied = []
        for seq in self.pending:
            if seq > self._ranges.last + 1:
                break
            event, mine = self._held.pop(seq)
            if seq == self._ranges.last + 1:
                self._ranges.append(event, mine)
                if is_change(event):
                    self._changes.apply(event)
                applied.append(event)
        return applied


def show(events: list[Event]) -> list[Action]:
    seqs = [event["seq"] for event in events if is_row(event)]
    return [{"do": "show", "seqs": seqs}] if seqs else []
