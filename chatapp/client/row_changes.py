"""Carries changes to the rows that they are of, and to those that quote them.

A page of history is read at one moment and comes at another: a change that came between is not in it.
So each is kept until every request that was sent before it is answered, and applied to what those bring.
"""

from __future__ import annotations

from collections.abc import Callable

from chatapp.client.changes import Held, changed_by, is_bare, rev_of, targets_of
from chatapp.client.history_requests import HistoryRequests
from chatapp.client.quotes import is_behind, is_empty, quote_after, quote_as_read
from chatapp.client.ranges import Ranges
from chatapp.client.wire import Event, Json


class RowChanges:
    def __init__(self, ranges: Ranges, requests: HistoryRequests) -> None:
        self.me = ""  # who one is
        self.to_read: list[int] = []  # messages of which one knows only that their text is another
        self._ranges = ranges
        self._requests = requests
        self._kept: list[
            tuple[int, Event]
        ] = []  # how many requests had been sent when it came, and the change
        self._changed: set[int] = set()

    @property
    def kept(self) -> list[int]:
        return [change["seq"] for _sent, change in self._kept]

    def become(self, me: str) -> None:
        """Who one is now: another's reactions are not one's own."""
        is_other = self.me not in ("", me)
        self.me = me
        for held in self._ranges.held() if is_other else ():
            if held.mine:
                self._set(held, held.event, [])

    def apply(self, change: Event) -> None:
        """The next of the log."""
        if self._requests:
            self._kept.append((self._requests.sent, change))
        self._carry(change)

    def brought(self, answer: Json) -> None:
        """What an answer has brought is here: newer rows replace older ones, and it may be behind the log."""
        events, mine = answer["events"], answer.get("mine", {})
        held = {each.event["seq"]: each for each in self._ranges.held()} if events else {}
        for event in events:
            if event["seq"] in held:
                self._replace(held[event["seq"]], event, mine.get(str(event["seq"]), []))
        self._requote({event["seq"]: event for event in events if "rev" in event})
        self._strip(lambda quote: quote["seq"] < answer["floor"])
        for _sent, change in self._kept:
            self._carry(change)
        self.forget()

    def forget(self) -> None:
        """Those that no answer on its way can lack."""
        self._kept = [each for each in self._kept if self._requests.has_up_to(each[0])]

    def expired(self, seq: int, cutoff: int) -> None:
        """All up to `seq` went, and what is not younger than `cutoff` (ms)."""
        self._strip(lambda quote: quote["seq"] <= seq or quote.get("ts", cutoff + 1) <= cutoff)

    def take(self) -> list[int]:
        """What has changed since this was asked for last."""
        changed = sorted(self._changed)
        self._changed.clear()
        return changed

    def was_read(self, seq: int) -> None:
        self.to_read = [each for each in self.to_read if each != seq]

    def _carry(self, change: Event) -> None:
        for target in targets_of(change):
            held = self._ranges.held_at(target["seq"])
            if held is not None and held.event["id"] == target["id"]:
                self._change(held, change)
            if change["type"] != "react":
                self._change_quotes(target, change)

    def _change(self, held: Held, change: Event) -> None:
        if is_bare(change) and change["seq"] > rev_of(held.event):
            self._must_read(held.event["seq"])
        if changed := changed_by(held, change, self.me):
            self._set(held, changed.event, changed.mine)

    def _change_quotes(self, target: Json, change: Event) -> None:
        for held in self._ranges.held():
            body = held.event["body"]
            if body.get("reply_to") != target or "quote" not in body:
                continue
            if is_bare(change) and is_behind(body["quote"], change):
                self._must_read(target["seq"])
            self._quote(held, quote_after(body["quote"], change))

    def _must_read(self, seq: int) -> None:
        if seq not in self.to_read:
            self.to_read.append(seq)

    def _replace(self, held: Held, event: Event, mine: list[str]) -> None:
        ours, theirs = rev_of(held.event), rev_of(event)
        if held.event is event or held.event["id"] != event["id"]:
            return
        if theirs > ours:
            self._set(held, event, mine)
        elif theirs == ours and mine != held.mine:
            self._set(held, held.event, mine)

    def _requote(self, changed: dict[int, Event]) -> None:
        """Those messages were read after they had changed."""
        for held in self._ranges.held() if changed else ():
            body = held.event["body"]
            quoted = changed.get(body["quote"]["seq"]) if "quote" in body else None
            if quoted is not None and quoted["id"] == body["reply_to"]["id"]:
                self._quote(held, quote_as_read(body["quote"], quoted))

    def _strip(self, is_gone: Callable[[Json], bool]) -> None:
        for held in self._ranges.held():
            quote = held.event["body"].get("quote")
            if quote is not None and not is_empty(quote) and is_gone(quote):
                self._quote(held, {"seq": quote["seq"], "expired": True})

    def _quote(self, held: Held, quote: Json) -> None:
        event = held.event
        if quote is not event["body"]["quote"]:
            self._set(held, {**event, "body": {**event["body"], "quote": quote}}, held.mine)

    def _set(self, held: Held, event: Event, mine: list[str]) -> None:
        held.event, held.mine = event, mine
        self._changed.add(event["seq"])
