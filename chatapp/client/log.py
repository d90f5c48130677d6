"""One room's log as this client has it: nothing twice, nothing missing unnoticed, always in order.

A pure machine: each input changes the state and gives the actions that follow from it. The newest
range grows at its end (`last`); an event beyond it is held until the hole before it is filled. A
change is the next of the log like any other event, and is carried to the messages that it is of.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from chatapp.client.changes import Held
from chatapp.client.history_requests import HistoryRequests
from chatapp.client.log_end import LogEnd, show
from chatapp.client.ranges import Ranges, Row
from chatapp.client.row_changes import RowChanges
from chatapp.client.wire import Action, Event, Json

P = ParamSpec("P")


def _input(
    method: Callable[Concatenate[RoomLog, P], list[Action]],
) -> Callable[Concatenate[RoomLog, P], list[Action]]:
    """Behind what an input shows and hides, it says which messages have changed by it."""

    @wraps(method)
    def answered(log: RoomLog, /, *args: P.args, **options: P.kwargs) -> list[Action]:
        return log._with_changes(method(log, *args, **options))

    return answered


class RoomLog:
    def __init__(self) -> None:
        self.stream: str | None = None
        self.phase = "closed"  # then "joining", then "joined"
        self._retention_ms = math.inf
        self._ranges = Ranges()
        self._requests = HistoryRequests()
        self._changes = RowChanges(self._ranges, self._requests)
        self._end = LogEnd(self._ranges, self._requests, self._changes)

    @property
    def last(self) -> int:
        return self._ranges.last

    @property
    def start(self) -> str:
        return self._ranges.start

    @property
    def pending(self) -> list[int]:
        return self._end.pending

    @property
    def kept_changes(self) -> list[int]:
        """Those that an answer on its way may not have seen."""
        return self._changes.kept

    @property
    def catching_up(self) -> int:
        """How many are known to exist and are not here yet."""
        return max(0, self._end.head - self.last) if self.phase == "joined" else 0

    @property
    def rows(self) -> list[Row]:
        return self._ranges.rows()

    def message_at(self, seq: int) -> Held | None:
        return self._ranges.held_at(seq)

    def open(self) -> list[Action]:
        actions = self._forget_requests()
        self.phase = "joining"
        since = None if self.stream is None else {"stream": self.stream, "seq": self.last}
        return [*actions, {"do": "join", "since": since}]

    def resync(self) -> list[Action]:
        return self.open()

    def closed(self) -> list[Action]:
        self._end.forget_held()
        self.phase = "closed"
        return self._forget_requests()

    @_input
    def user(self, id: str) -> list[Action]:
        """Who one is: another's reactions are not one's own."""
        self._changes.become(id)
        return []

    @_input
    def join_ack(self, ack: Json) -> list[Action]:
        if self.phase != "joining":
            return []
        is_ours = ack["stream"] == self.stream
        is_recovered = is_ours and ack["recovered"]
        self.phase = "joined"
        self.stream = ack["stream"]
        self._retention_ms = ack["room"]["retention_ms"]
        self._end.head = ack["head"]
        hidden = []
        if not is_recovered:
            is_same_log = is_ours and ack.get("reason") not in {"ahead", "stream_changed"}
            hidden = self._ranges.start_page(ack, is_same_log=is_same_log)
        self._end.came(ack["events"], ack.get("mine", {}))
        return [*_hide(hidden), *self._end.release(has_more=is_recovered and ack["more"], answer=ack)]

    @_input
    def event(self, event: Event) -> list[Action]:
        if self.phase == "closed":
            return []
        self._end.came([event], {})
        return self._end.release(has_more=False) if self.phase == "joined" else []

    @_input
    def timer(self, name: str) -> list[Action]:
        assert name == "gap"
        return self._end.rang() if self.phase == "joined" else []

    @_input
    def behind(self, head: int) -> list[Action]:
        return self._end.behind(head) if self.phase == "joined" else []

    @_input
    def history_ack(self, request: Json, ack: Json) -> list[Action]:
        if not self._requests.end(request):
            return []
        if self._end.is_asked_by(request):
            return self._end.answered(ack)
        fresh = self._insert(request, ack)
        self._changes.brought(ack)
        return show(fresh)

    def history_failed(self, request: Json, retry_after_ms: int = 0) -> list[Action]:
        if not self._requests.end(request):
            return []
        self._changes.forget()
        return self._end.failed(retry_after_ms) if self._end.is_asked_by(request) else []

    @_input
    def older(self) -> list[Action]:
        return self._ask({"before": self._ranges.oldest}) if self.start == "more" else []

    @_input
    def fill(self, first: int) -> list[Action]:
        """Load the gap row that starts at `first`."""
        return self._ask({"after": first - 1})

    @_input
    def around(self, seq: int) -> list[Action]:
        """Load the message at `seq`, and what was said around it."""
        return [] if self._ranges.covers(seq) else self._ask({"around": seq})

    @_input
    def expire(self, now: int) -> list[Action]:
        if self._retention_ms == math.inf:
            return []
        cutoff = now - int(self._retention_ms)
        seqs = self._ranges.expire(cutoff)
        self._changes.expired(max(seqs, default=0), cutoff)
        return _hide(seqs)

    def _with_changes(self, actions: list[Action]) -> list[Action]:
        screen = [action for action in actions if action["do"] in ("show", "hide")]
        told = {seq for action in screen for seq in action["seqs"]}
        seqs = [seq for seq in self._changes.take() if seq not in told]
        changed = [{"do": "changed", "seqs": seqs}] if seqs else []
        return [*screen, *changed, *actions[len(screen) :], *self._read_again()]

    def _read_again(self) -> list[Action]:
        """Messages of which one knows only that their text is another."""
        wanted = self._changes.to_read if self.phase == "joined" else []
        return [action for seq in wanted for action in self._ask({"around": seq, "limit": 1})]

    def _insert(self, request: Json, ack: Json) -> list[Event]:
        match request:
            case {"around": seq, "limit": _}:
                self._changes.was_read(seq)
                return []  # it was here, and only its text was wanted
            case {"around": _}:
                return self._ranges.insert(ack)
            case {"before": before}:
                return self._ranges.extend_up(before, ack)
        return self._ranges.fill(request["after"], ack)

    def _ask(self, request: Json) -> list[Action]:
        is_new = self.phase == "joined" and self._requests.begin(request)
        return [{"do": "history", **request}] if is_new else []

    def _forget_requests(self) -> list[Action]:
        self._requests.clear()
        self._changes.forget()
        return self._end.forget_request()


def _hide(seqs: list[int]) -> list[Action]:
    return [{"do": "hide", "seqs": seqs}] if seqs else []
