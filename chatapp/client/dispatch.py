"""Which of an outbox's entries goes next, and when: one at a time, none before its time, none too late."""

from __future__ import annotations

import math

from chatapp.client.entries import Entries, Entry
from chatapp.client.one_timer import OneTimer
from chatapp.client.outgoing_files import lacks_files
from chatapp.client.retry import retry_ms
from chatapp.client.wire import Action

_ACK_MS = 10_000
_OLD_MS = 3_600_000
_LOOKUP_SIZE = 100


class Dispatch:
    def __init__(self, entries: Entries) -> None:
        self.is_ready = False
        self.in_flight: Entry | None = None
        self._entries = entries
        self._is_looking_up = False
        self._refusals_in_a_row = 0
        self.ack_timer = OneTimer("ack")
        self.retry_timer = OneTimer("retry")
        self.delay_timer = OneTimer("delay")

    def next(self, now: int) -> list[Action]:
        if not self.is_ready or self.in_flight or self._is_looking_up or self.retry_timer.is_running:
            return []
        unconfirmed = [e.client_id for e in self._entries.all if e.is_unconfirmed and e.state != "paused"]
        if unconfirmed:
            self._is_looking_up = True
            return [{"do": "lookup", "client_ids": unconfirmed[:_LOOKUP_SIZE]}]
        return self._first_waiting(now)

    def stop(self) -> list[Action]:
        """What was on its way waits again."""
        self.is_ready = False
        self._is_looking_up = False
        self.put_back()
        return [*self.ack_timer.cancel(), *self.retry_timer.cancel(), *self.delay_timer.cancel()]

    def put_back(self) -> None:
        if self.in_flight:
            self.in_flight.state = "waiting" if self._entries.is_own(self.in_flight) else "paused"
        self.in_flight = None

    def rang(self, name: str) -> None:
        timers = {"ack": self.ack_timer, "retry": self.retry_timer, "delay": self.delay_timer}
        timers[name].rang()
        if name == "ack":
            self.put_back()

    def arrived(self) -> list[Action]:
        """What was on its way is in the log."""
        self.in_flight = None
        self._refusals_in_a_row = 0
        return self.ack_timer.cancel()

    def looked_up(self) -> bool:
        """False: nobody has asked."""
        was_looking_up = self._is_looking_up
        self._is_looking_up = False
        return was_looking_up

    def calm(self) -> None:
        """The server answers: refusals are counted anew."""
        self._refusals_in_a_row = 0

    def wait_to_retry(self, retry_after_ms: int | None) -> list[Action]:
        ms = retry_ms(self._refusals_in_a_row) if retry_after_ms is None else retry_after_ms
        self._refusals_in_a_row += 1
        return self.retry_timer.start(ms)

    def send(self, entry: Entry) -> Action:
        """From now on it may be stored."""
        is_repeat, entry.is_repeat = entry.is_repeat, True
        send: Action = {"do": "send", "client_id": entry.client_id, "retry": is_repeat}
        text = {"content": entry.content, **({"mentions": entry.mentions} if entry.mentions else {})}
        if entry.kind == "message":
            reply_to = {"reply_to": entry.reply_to} if entry.reply_to else {}
            files = {"uploads": [file["upload"] for file in entry.files]} if entry.files else {}
            return {**send, **text, **reply_to, **files}
        change = {**send, "kind": entry.kind, "target": entry.target}
        if entry.kind == "delete":
            return change
        rev = {} if entry.rev is None else {"rev": entry.rev}
        stay = {} if entry.uploads is None else {"uploads": entry.uploads}
        return {**change, **text, **rev, **stay}

    def _first_waiting(self, now: int) -> list[Action]:
        asked: list[Action] = []
        delayed_until = math.inf
        for entry in self._entries.all:
            if entry.state != "waiting" or entry.of is not None:
                continue
            if entry.not_before is not None and entry.not_before > now:
                delayed_until = min(delayed_until, entry.not_before)
            elif entry.kind != "delete" and now - entry.put_at >= _OLD_MS:
                entry.state = "old"
                asked.append({"do": "ask", "client_id": entry.client_id})
            elif lacks_files(entry):
                asked += _upload(entry)
            else:
                return [*asked, *self._send_alone(entry)]
        delay = [] if delayed_until == math.inf else self.delay_timer.start(int(delayed_until) - now)
        return [*asked, *delay]

    def _send_alone(self, entry: Entry) -> list[Action]:
        send = self.send(entry)
        self.in_flight = entry
        entry.state, entry.refusal = "sending", None
        return [send, *self.ack_timer.start(_ACK_MS)]


def _upload(entry: Entry) -> list[Action]:
    if entry.is_uploading:
        return []
    entry.is_uploading = True
    return [{"do": "upload", "client_id": entry.client_id}]
