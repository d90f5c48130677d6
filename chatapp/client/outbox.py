"""What was written and is not yet known to be stored: first in, first out, one on its way.

A pure machine. A message leaves it only when the log has it, by the ack or by one's own event,
or when its person discards it. Sending it again is always safe: its client id stays the same, for
the one who wrote it. What somebody else has left waits until it is told what to do.
"""

from __future__ import annotations

from dataclasses import dataclass

from chatapp.client.one_timer import OneTimer
from chatapp.client.wire import Action, Json

_ACK_MS = 10_000
_OLD_MS = 3_600_000
_LOOKUP_SIZE = 100
_LONGEST_RETRY_MS = 10_000
# These are about the connection, not about the message.
_STEP_BACK = frozenset({"not_joined", "unauthorized", "token_expired"})
_ASKED = frozenset({"failed", "old", "paused"})


@dataclass(slots=True, kw_only=True)
class Entry:
    client_id: str
    content: str
    put_at: int
    author: Json | None = None  # `{id, name}`; None until it is known who one is
    state: str = "waiting"  # or "sending", "failed", "old", "paused"
    is_repeat: bool = False
    is_unconfirmed: bool = False
    refusal: Json | None = None


class Outbox:
    def __init__(self) -> None:
        self.is_ready = False
        self.entries: list[Entry] = []
        self._user: Json | None = None
        self._in_flight: Entry | None = None
        self._is_looking_up = False
        self._refusals_in_a_row = 0
        self._ack_timer = OneTimer("ack")
        self._retry_timer = OneTimer("retry")

    @property
    def in_flight(self) -> str | None:
        return self._in_flight.client_id if self._in_flight else None

    def find(self, client_id: str) -> Entry | None:
        return next((entry for entry in self.entries if entry.client_id == client_id), None)

    def user(self, user: Json, now: int) -> list[Action]:
        """Who one is. What others have written is paused; what nobody has signed is one's own."""
        self._user = user
        return [*self._pause_others(self.entries), *self._send_next(now)]

    def restore(self, entries: list[Json], now: int) -> list[Action]:
        """What a former run left, oldest first: whether it arrived is looked up before anything is sent."""
        left = [e for e in entries if self.find(e["client_id"]) is None]
        fresh = [Entry(**e, is_repeat=True, is_unconfirmed=True) for e in left]
        self.entries[:0] = fresh
        return [*self._pause_others(fresh), *self._send_next(now)]

    def put(self, client_id: str, content: str, now: int) -> list[Action]:
        self.entries.append(Entry(client_id=client_id, content=content, put_at=now, author=self._user))
        return [{"do": "store", "client_id": client_id}, *self._send_next(now)]

    def ready(self, now: int) -> list[Action]:
        self.is_ready = True
        return self._send_next(now)

    def closed(self, now: int) -> list[Action]:
        del now  # every input carries it
        self.is_ready = False
        self._is_looking_up = False
        self._put_back()
        return [*self._ack_timer.cancel(), *self._retry_timer.cancel()]

    def ack(self, client_id: str, ack: Json, now: int) -> list[Action]:
        entry = self.find(client_id)
        if entry is None:
            return []
        if ack["ok"]:
            return self._arrived(entry, ack["seq"], now)
        return self._refused(entry, ack["error"], now) if entry is self._in_flight else []

    def own_event(self, client_id: str, seq: int, now: int, user: str | None = None) -> list[Action]:
        """`user` is the id of the event's author: two people may have the same client id."""
        entry = self.find(client_id)
        if entry is None or (user and entry.author and entry.author["id"] != user):
            return []
        return self._arrived(entry, seq, now)

    def lookup_ack(self, ack: Json, now: int) -> list[Action]:
        if not self._is_looking_up:
            return []
        self._is_looking_up = False
        self._refusals_in_a_row = 0
        actions: list[Action] = []
        for client_id, found in ack["found"].items():
            if entry := self.find(client_id):
                actions += self._take(entry, found["seq"])
        for entry in self.entries:
            entry.is_unconfirmed = entry.is_unconfirmed and entry.client_id not in ack["unknown"]
        return [*actions, *self._send_next(now)]

    def lookup_failed(self, now: int, retry_after_ms: int | None = None) -> list[Action]:
        del now
        if not self._is_looking_up:
            return []
        self._is_looking_up = False
        return self._wait_to_retry(retry_after_ms)

    def timer(self, name: str, now: int) -> list[Action]:
        if name == self._ack_timer.name:
            self._ack_timer.rang()
            self._put_back()
        else:
            self._retry_timer.rang()
        return self._send_next(now)

    def retry(self, client_id: str, now: int) -> list[Action]:
        entry = self.find(client_id)
        if entry is None or entry.state not in _ASKED:
            return []
        entry.is_repeat = entry.state != "paused"
        if entry.state == "paused":  # as this person's it has never been sent
            entry.author, entry.is_unconfirmed = self._user, False
        entry.state, entry.put_at, entry.refusal = "waiting", now, None
        return [{"do": "store", "client_id": client_id}, *self._send_next(now)]

    def discard(self, client_id: str, now: int) -> list[Action]:
        del now
        entry = self.find(client_id)
        if entry is None or entry is self._in_flight:
            return []
        self.entries.remove(entry)
        return [{"do": "forget", "client_id": client_id}]

    def _put_back(self) -> None:
        if self._in_flight:
            self._in_flight.state = "waiting" if self._is_own(self._in_flight) else "paused"
        self._in_flight = None

    def _is_own(self, entry: Entry) -> bool:
        return self._user is None or entry.author is None or entry.author["id"] == self._user["id"]

    def _pause_others(self, entries: list[Entry]) -> list[Action]:
        asked: list[Action] = []
        for entry in entries:
            entry.author = entry.author or self._user
            if self._is_own(entry):
                entry.state = "waiting" if entry.state == "paused" else entry.state
            elif entry.state != "paused" and entry is not self._in_flight:
                entry.state, entry.refusal = "paused", None
                asked.append({"do": "ask", "client_id": entry.client_id})
        return asked

    def _refused(self, entry: Entry, error: Json, now: int) -> list[Action]:
        self._put_back()
        cancelled = self._ack_timer.cancel()
        if error["code"] in _STEP_BACK:
            self.is_ready = False
            return [*cancelled, {"do": "rejoin"}] if error["code"] == "not_joined" else cancelled
        entry.refusal = error
        if error["retryable"]:
            return [*cancelled, *self._wait_to_retry(error.get("retry_after_ms"))]
        entry.state = "failed"
        failed = {"do": "failed", "client_id": entry.client_id, "code": error["code"]}
        return [failed, *cancelled, *self._send_next(now)]

    def _arrived(self, entry: Entry, seq: int, now: int) -> list[Action]:
        actions = self._take(entry, seq)
        if entry is not self._in_flight:
            return actions
        self._in_flight = None
        self._refusals_in_a_row = 0
        return [*actions, *self._ack_timer.cancel(), *self._send_next(now)]

    def _take(self, entry: Entry, seq: int) -> list[Action]:
        self.entries.remove(entry)
        return [
            {"do": "forget", "client_id": entry.client_id},
            {"do": "sent", "client_id": entry.client_id, "seq": seq},
        ]

    def _wait_to_retry(self, retry_after_ms: int | None) -> list[Action]:
        ms = min(_LONGEST_RETRY_MS, 1_000 * 2 ** min(self._refusals_in_a_row, 10))
        self._refusals_in_a_row += 1
        return self._retry_timer.start(ms if retry_after_ms is None else retry_after_ms)

    def _send_next(self, now: int) -> list[Action]:
        if not self.is_ready or self._in_flight or self._is_looking_up or self._retry_timer.is_running:
            return []
        unconfirmed = [e.client_id for e in self.entries if e.is_unconfirmed and e.state != "paused"]
        if unconfirmed:
            self._is_looking_up = True
            return [{"do": "lookup", "client_ids": unconfirmed[:_LOOKUP_SIZE]}]
        actions: list[Action] = []
        for entry in self.entries:
            if entry.state == "waiting" and now - entry.put_at < _OLD_MS:
                return [*actions, *self._send(entry)]
            if entry.state == "waiting":
                entry.state = "old"
                actions.append({"do": "ask", "client_id": entry.client_id})
        return actions

    def _send(self, entry: Entry) -> list[Action]:
        send = {
            "do": "send",
            "client_id": entry.client_id,
            "content": entry.content,
            "retry": entry.is_repeat,
        }
        entry.state, entry.is_repeat, entry.refusal = "sending", True, None
        self._in_flight = entry
        return [send, *self._ack_timer.start(_ACK_MS)]
