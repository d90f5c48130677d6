"""A room that talks all the time, once in peace and once beside something: how much it notices."""

from bench.crowd import Crowd
from bench.figures import latencies
from bench.senders import Talk


class SteadyTalk:
    """Some of a crowd say so many messages a second between them, for so many seconds each time."""

    def __init__(self, crowd: Crowd, talk: Talk, *, per_second: int, seconds: float) -> None:
        self._crowd = crowd
        self._talk = talk
        self._per_second = per_second
        self._seconds = seconds
        self._quiet: dict[str, float] = {}

    def in_peace(self) -> None:
        with self._crowd.recording():
            self._talk.pace(self._per_second, self._seconds)
            self._talk.end()
        self._quiet = latencies("quiet", self._crowd.delivery_ns)

    def beside(self) -> None:
        """The same again, after ``in_peace``."""
        with self._crowd.recording():
            self._talk.pace(self._per_second, self._seconds)
            self._talk.finish()

    def figures(self) -> dict[str, float]:
        """Both times of delivery, and how many times the longer the other is."""
        figures = self._quiet | latencies("delivery", self._crowd.delivery_ns)
        return figures | {"p99_to_quiet": figures["delivery_p99_ms"] / figures["quiet_p99_ms"]}
