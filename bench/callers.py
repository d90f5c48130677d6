"""One client that asks and waits for the answer, one question at a time."""

from __future__ import annotations

from bench.connection import Connection
from bench.crowd import Crowd, clock
from bench.wire import Answer, Broken, encode_json


class Caller:
    def __init__(self, crowd: Crowd, connection: Connection) -> None:
        self._crowd = crowd
        self._connection = connection
        self._answered_ns: int | None = None
        self.answer = Answer()  # the last one
        connection.on_answer = self._on_answer

    def ask(self, event: str, **argument: object) -> int:
        """The nanoseconds until the answer, which must be a yes."""
        self._answered_ns = None
        asked_ns = clock()
        self._connection.call(event.encode(), encode_json(argument))
        self._crowd.until(lambda: self._answered_ns is not None, 30, f"the answer to {event}")
        return (self._answered_ns or 0) - asked_ns

    def _on_answer(self, _connection: Connection, _number: int, answer: Answer, now_ns: int) -> None:
        if not answer.ok:
            raise Broken(f"refused: {bytes(answer.error)!r}")
        self._answered_ns, self.answer = now_ns, answer
