"""Those who talk: in a closed loop, a few messages in flight each, or by the clock.

In a closed loop the next message follows the answer to the last, so the server sets the pace. By
the clock, a message is late from the moment it was due, whatever kept the generator from sending.
"""

from __future__ import annotations

from collections.abc import Sequence

from bench.connection import Connection
from bench.crowd import Crowd, clock
from bench.wire import Answer, Broken


class Talk:
    """Takes over the answers of these connections."""

    def __init__(self, crowd: Crowd, connections: Sequence[Connection]) -> None:
        self._crowd = crowd
        self._connections = connections
        self._sent_ns: dict[tuple[int, int], int] = {}
        self._is_closed_loop = False
        for connection in connections:
            connection.on_answer = self._on_answer

    def loop(self, in_flight: int) -> None:
        """Keep so many messages of everybody on their way, until ``end``."""
        self._is_closed_loop = True
        for connection in self._connections:
            for _ in range(in_flight):
                self._post(connection, clock())

    def finish(self, seconds: float = 30) -> None:
        """Say nothing more, and wait for the last answers."""
        self._is_closed_loop = False
        self._crowd.until(lambda: not self._sent_ns, seconds, "the last answers")

    def end(self) -> None:
        """Finish, and wait for silence."""
        self.finish()
        self._crowd.settle()

    def pace(self, per_second: float, seconds: float) -> None:
        """All together so many a second, in turn and evenly."""
        began_at = clock()
        for n in range(round(per_second * seconds)):
            due = began_at + int(n * 1e9 / per_second)
            self._crowd.run_until(due)
            self._post(self._connections[n % len(self._connections)], due)

    def _post(self, connection: Connection, due_ns: int) -> None:
        number = connection.post(due_ns)
        self._sent_ns[connection.number, number] = due_ns

    def _on_answer(self, connection: Connection, number: int, answer: Answer, now_ns: int) -> None:
        if not answer.ok:
            raise Broken(f"a message was refused: {bytes(answer.error)!r}")
        connection.acked += 1
        sent_ns = self._sent_ns.pop((connection.number, number))
        if self._crowd.is_recording and connection.is_recorded:
            self._crowd.ack_ns.append(now_ns - sent_ns)
        if self._is_closed_loop:
            self._post(connection, now_ns)


def divide(connections: Sequence[Connection], room_size: int, talkers: int) -> list[Connection]:
    """Who talks: the first of each room. The rest only count, but for one in a hundred.

    To be called at rest; connections lie room by room. A room has at least one who decodes.
    """
    talking = []
    for connection in connections:
        place = connection.number % room_size
        if place < talkers:
            talking.append(connection)
        elif place % 100:
            connection.count_only()
    return talking
