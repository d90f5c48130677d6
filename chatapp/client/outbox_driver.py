"""Drives the outbox: its actions go to the connection and to the drafts, the answers back.

Nothing is sent before it is written down, so that a message which may have reached the server is
never unknown to a client that starts again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from chatapp.client.connection import ANSWER_MS, NOT_CONNECTED, Connection
from chatapp.client.drafts import Drafts
from chatapp.client.outbox import Outbox
from chatapp.client.turns import NamedTimers, Turns
from chatapp.client.uploader import Uploader
from chatapp.client.wire import Action, Json

OnRefused = Callable[[str, Json], None]
"""Takes a client id and the refusal: it will not be stored, unless its person says so."""


class OutboxDriver:
    def __init__(
        self,
        room_id: str,
        connection: Connection,
        turns: Turns,
        drafts: Drafts,
        *,
        rejoin: Callable[[], None],
        on_refused: OnRefused,
        uploader: Uploader,
    ) -> None:
        self.outbox = Outbox()
        self.sent: dict[str, int] = {}
        self.places: dict[str, Json] = {}  # of the same, as far as one was told: `{seq, id}`
        self.refused: dict[str, Json] = {}  # of what has left the outbox without being stored
        self._room_id = room_id
        self._connection = connection
        self._drafts = drafts
        self._rejoin = rejoin
        self._on_refused = on_refused
        self._uploader = uploader
        self._timers = NamedTimers(turns)
        self._refusals: dict[str, Json] = {}  # the newest of what was refused

    def become(self, user: Json) -> None:
        self._carry_out(self.outbox.user(user, _now_ms()))

    def restore(self) -> None:
        self._carry_out(self.outbox.restore(self._drafts.load(self._room_id), _now_ms()))

    def put(self, client_id: str, **what: Any) -> str:
        """Its client id: of a reaction it may be that of an earlier one that still waits."""
        actions = self.outbox.put(client_id, _now_ms(), **what)
        self._carry_out(actions)
        put: str = actions[0]["client_id"]
        return put

    def ready(self) -> None:
        self._carry_out(self.outbox.ready(_now_ms()))

    def closed(self) -> None:
        self._carry_out(self.outbox.closed(_now_ms()))

    def own_event(self, client_id: str, *, seq: int, id: str, user_id: str) -> None:
        actions = self.outbox.own_event(client_id, seq, _now_ms(), user_id, id)
        if actions:
            self.places[client_id] = {"seq": seq, "id": id}
        self._carry_out(actions)

    def retry(self, client_id: str) -> None:
        self._carry_out(self.outbox.retry(client_id, _now_ms()))

    def discard(self, client_id: str) -> None:
        self._carry_out(self.outbox.discard(client_id, _now_ms()))

    def undo(self, client_id: str) -> bool:
        actions = self.outbox.undo(client_id, _now_ms())
        self._carry_out(actions)
        return bool(actions)

    def flush(self) -> None:
        self._carry_out(self.outbox.flush(_now_ms()))

    def _carry_out(self, actions: Sequence[Action]) -> None:
        for action in actions:
            match action:
                case {"do": "store", "client_id": client_id}:
                    self._store(client_id)
                case {"do": "forget", "client_id": client_id}:
                    self._drafts.remove(self._room_id, client_id)
                    self._uploader.forget(client_id)
                case {"do": "sent", "client_id": client_id}:
                    self.sent[client_id] = action.get("seq", 0)
                case {"do": "failed" | "refused" as what, "client_id": client_id, "code": code}:
                    self._refuse(client_id, code, is_over=what == "refused")
                case {"do": "rejoin"}:
                    self._rejoin()
                case {"do": "lookup", "client_ids": client_ids}:
                    self._look_up(client_ids)
                case {"do": "upload", "client_id": client_id}:
                    self._upload(client_id)
                case {"do": "send"}:
                    self._send(action)
                case {"do": "timer", "name": name, "ms": ms}:
                    self._timers.start(name, ms, partial(self._rang, name))
                case {"do": "cancel", "name": name}:
                    self._timers.cancel(name)

    def _rang(self, name: str) -> None:
        self._carry_out(self.outbox.timer(name, _now_ms()))

    def _store(self, client_id: str) -> None:
        if entry := self.outbox.find(client_id):
            self._drafts.put(self._room_id, entry.draft)

    def _upload(self, client_id: str) -> None:
        entry = self.outbox.find(client_id)
        for file in entry.files or () if entry else ():
            if not file.get("is_there"):
                self._uploader.add(self._room_id, client_id, file, self)

    def is_wanted(self, client_id: str, key: str) -> bool:
        """Whether this file of a message is still to be sent."""
        entry = self.outbox.find(client_id)
        lacking = [f["key"] for f in entry.files or () if not f.get("is_there")] if entry else []
        return entry is not None and entry.is_uploading and entry.state != "paused" and key in lacking

    def heard_of_file(self, client_id: str, key: str, news: Json) -> None:
        if "refusal" in news:
            self._refusals[client_id] = news["refusal"]
        self._carry_out(self.outbox.file(client_id, key, _now_ms(), **news))

    def _refuse(self, client_id: str, code: str, *, is_over: bool) -> None:
        refusal = self._refusals.pop(client_id, {"code": code, "message": "", "retryable": False})
        if is_over:
            self.refused[client_id] = refusal
        self._on_refused(client_id, refusal)

    def _send(self, send: Action) -> None:
        client_id, kind = send["client_id"], send.get("kind", "message")
        payload = {name: value for name, value in send.items() if name not in {"do", "kind", "retry"}}
        if send.get("retry"):
            payload["retry"] = True
        if kind == "react":
            del payload["client_id"]  # it is a setting: nobody counts how often it is said

        def answered(ack: Json) -> None:
            if "id" in ack:
                self.places[client_id] = {"seq": ack["seq"], "id": ack["id"]}
            if not ack["ok"]:
                self._refusals[client_id] = ack["error"]
            if ack["ok"] or ack["error"]["code"] != NOT_CONNECTED["code"]:
                self._carry_out(self.outbox.ack(client_id, ack, _now_ms()))

        # Without a time limit where the outbox has its own.
        timeout_ms = ANSWER_MS if kind == "react" else None
        self._connection.request(kind, {"room": self._room_id, **payload}, answered, timeout_ms=timeout_ms)

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
