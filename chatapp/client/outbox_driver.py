"""Drives the outbox: its actions go to the connection and to the drafts, the answers back.

Nothing is sent before it is written down, so that a message which may have reached the server is
never unknown to a client that starts again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial

from chatapp.client.connection import NOT_CONNECTED, Connection
from chatapp.client.drafts import Drafts
from chatapp.client.outbox import Outbox
from chatapp.client.turns import NamedTimers, Turns
from chatapp.client.wire import Action, Json


class OutboxDriver:
    def __init__(
        self, room_id: str, connection: Connection, turns: Turns, drafts: Drafts, rejoin: Callable[[], None]
    ) -> None:
        self.outbox = Outbox()
        self.sent: dict[str, int] = {}
        self._room_id = room_id
        self._connection = connection
        self._drafts = drafts
        self._rejoin = rejoin
        self._timers = NamedTimers(turns)

    def become(self, user: Json) -> None:
        self._carry_out(self.outbox.user(user, _now_ms()))

    def restore(self) -> None:
        self._carry_out(self.outbox.restore(self._drafts.load(self._room_id), _now_ms()))

    def put(self, client_id: str, content: str) -> str:
        self._carry_out(self.outbox.put(client_id, content, _now_ms()))
        return client_id

    def ready(self) -> None:
        self._carry_out(self.outbox.ready(_now_ms()))

    def closed(self) -> None:
        self._carry_out(self.outbox.closed(_now_ms()))

    def own_event(self, client_id: str, seq: int, user_id: str) -> None:
        self._carry_out(self.outbox.own_event(client_id, seq, _now_ms(), user_id))

    def retry(self, client_id: str) -> None:
        self._carry_out(self.outbox.retry(client_id, _now_ms()))

    def discard(self, client_id: str) -> None:
        self._carry_out(self.outbox.discard(client_id, _now_ms()))

    def _carry_out(self, actions: Sequence[Action]) -> None:
        for action in actions:
            match action:
                case {"do": "store", "client_id": client_id}:
                    self._store(client_id)
                case {"do": "forget", "client_id": client_id}:
                    self._drafts.remove(self._room_id, client_id)
                case {"do": "sent", "client_id": client_id, "seq": seq}:
                    self.sent[client_id] = seq
                case {"do": "rejoin"}:
                    self._rejoin()
                case {"do": "lookup", "client_ids": client_ids}:
                    self._look_up(client_ids)
                case {"do": "send"}:
                    self._send(action)
                case {"do": "timer", "name": name, "ms": ms}:
                    self._timers.start(name, ms, partial(self._rang, name))
                case {"do": "cancel", "name": name}:
                    self._timers.cancel(name)

    def _rang(self, name: str) -> None:
        self._carry_out(self.outbox.timer(name, _now_ms()))

    def _store(self, client_id: str) -> None:
        entry = self.outbox.find(client_id)
        if entry is not None:
            draft = {"client_id": client_id, "content": entry.content, "put_at": entry.put_at}
            self._drafts.put(self._room_id, draft | ({"author": entry.author} if entry.author else {}))

    def _send(self, send: Action) -> None:
        client_id = send["client_id"]
        payload = {"room": self._room_id, "client_id": client_id, "content": send["content"]}
        if send["retry"]:
            payload["retry"] = True

        def answered(ack: Json) -> None:
            if ack["ok"] or ack["error"]["code"] != NOT_CONNECTED["code"]:
                self._carry_out(self.outbox.ack(client_id, ack, _now_ms()))

        # Without a time limit here: the outbox has its own.
        self._connection.request("message", payload, answered, timeout_ms=None)

    def _look_up(self, client_ids: list[str]) -> None:
        def answered(ack: Json) -> None:
            if ack["ok"]:
                self._carry_out(self.outbox.lookup_ack(ack, _now_ms()))
            else:
                wait = ack["error"].get("retry_after_ms")
                self._carry_out(self.outbox.lookup_failed(_now_ms(), wait))

        self._connection.request("lookup", {"room": self._room_id, "client_ids": client_ids}, answered)


def _now_ms() -> int:
    return int(time.time() * 1000)
