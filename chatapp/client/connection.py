"""One socket after the other, for ever: connecting, greeted, lost, waiting, connecting again.

A request is answered exactly once, whatever happens: by the server, by time, or by the end of the
connection; the last two look like a retryable refusal. Nothing is kept for later here: what must
not be lost is the outbox's.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from chatapp.client.reconnect import Reconnect
from chatapp.client.turns import NamedTimers, Turns
from chatapp.client.wire import Json
from chatapp.client.wire_socket import Listener, Socket

_ATTEMPT_MS = 15_000
ANSWER_MS = 10_000
_SIGNED_OUT = frozenset({"unauthorized", "token_expired"})
NOT_CONNECTED: Json = {"code": "not_connected", "message": "There is no connection.", "retryable": True}
NO_ANSWER: Json = {"code": "no_answer", "message": "The server did not answer.", "retryable": True}

Answer = Callable[[Json], None]


class Connection:
    """Its `status` is `idle`, `connecting`, `online`, `waiting`, `signed_out` or `refused`."""

    def __init__(self, turns: Turns, open_socket: Callable[[Listener], Socket]) -> None:
        self.status = "idle"
        self.refusal: Json | None = None  # why it was last refused
        self.hello: Json | None = None
        self._turns = turns
        self._open_socket = open_socket
        self._listeners: dict[str, list[Callable[[Any], None]]] = defaultdict(list)
        self._socket: Socket | None = None
        self._generation = 0
        self._unanswered: list[Answer] = []
        self._reconnect = Reconnect()
        self._timers = NamedTimers(turns)

    def on(self, name: str, listener: Callable[[Any], None]) -> None:
        """Hear the server's events by name, also `online` (with hello), `lost` and `status`."""
        self._listeners[name].append(listener)

    def start(self) -> None:
        """Connect, unless it is connected or on its way."""
        if self.status in {"connecting", "online"}:
            return
        self._timers.cancel("wait")
        self._connect()

    def stop(self) -> None:
        """Say goodbye and stay away."""
        self._end("idle")

    def cut(self) -> None:
        """Be gone without a word and stay away: what a dead network looks like."""
        if self._socket:
            self._socket.cut()
        self._end("idle")

    def drop(self) -> None:
        """It is open and does not answer: away with it, and connect again."""
        if self._socket:
            self._socket.cut()
            self._lost()

    def request(self, name: str, payload: Json, answer: Answer, timeout_ms: float | None = ANSWER_MS) -> None:
        """`answer` takes the ack, once. Without `timeout_ms` it waits while the connection lasts."""
        if self._socket is None or self.status != "online":
            answer({"ok": False, "error": NOT_CONNECTED})
            return
        timer = self._turns.later(timeout_ms, lambda: once(_no(NO_ANSWER))) if timeout_ms else None

        def once(ack: Json) -> None:
            if once in self._unanswered:
                self._unanswered.remove(once)
                if timer:
                    timer.cancel()
                answer(ack)

        self._unanswered.append(once)
        self._socket.emit(name, payload, lambda *acks: self._turns.take(once, *acks[:1]))

    def emit(self, name: str, payload: Json) -> None:
        """Say something that has no answer, if there is somebody to hear it."""
        if self._socket and self.status == "online":
            self._socket.emit(name, payload)

    def _connect(self) -> None:
        self._generation += 1
        generation = self._generation
        self._tell_status("connecting")
        self._timers.start("attempt", _ATTEMPT_MS, self._lost)
        self._socket = self._open_socket(
            lambda name, value: self._turns.take(self._heard, generation, name, value)
        )

    def _heard(self, generation: int, name: str, value: Any) -> None:
        if generation != self._generation or self._socket is None:
            return  # the last words of a socket that was given up
        match name:
            case "hello":
                self._greeted(value)
            case "bye":
                self._dismissed(value)
            case "connect_error":
                self._refused(value if isinstance(value, dict) else {})
            case "disconnect":
                self._lost()
            case _:
                self._tell(name, value)

    def _greeted(self, hello: Json) -> None:
        self._timers.cancel("attempt")
        self._reconnect.online()
        self.hello, self.refusal = hello, None
        self._tell_status("online")
        self._tell("online", hello)

    def _dismissed(self, bye: Json) -> None:
        self.refusal = bye
        if bye["retry"]:
            self._lost(bye.get("after_ms"))
        else:
            self._end("signed_out" if bye["code"] in _SIGNED_OUT else "refused")

    def _refused(self, refusal: Json) -> None:
        """Nothing in it: the server was not reached."""
        self.refusal = refusal or None
        if refusal.get("retryable") is False:
            self._end("signed_out" if refusal["code"] in _SIGNED_OUT else "refused")
        else:
            self._lost(refusal.get("retry_after_ms"))

    def _lost(self, after_ms: int | None = None) -> None:
        (wait,) = self._reconnect.lost(random.random(), after_ms)
        self._end("waiting")
        self._timers.start("wait", wait["ms"], self._connect)

    def _end(self, status: str) -> None:
        was_online = self.status == "online"
        socket, self._socket = self._socket, None
        self._timers.cancel_all()
        if socket:
            socket.close()
        self._tell_status(status)
        for answer in list(self._unanswered):
            answer(_no(NOT_CONNECTED))
        if was_online:
            self._tell("lost", None)

    def _tell_status(self, status: str) -> None:
        self.status = status
        self._tell("status", status)

    def _tell(self, name: str, value: Any) -> None:
        for listener in list(self._listeners[name]):
            listener(value)


def _no(error: Json) -> Json:
    return {"ok": False, "error": error}
