"""Is anybody still there? A ping every 20 seconds, an answer within 10, by timers of the hub.

A pong that nobody asked for costs nothing and changes nothing, and neither does one whose ping is still
on its way out: who answers blindly, and reads nothing, is as dead as one that does not answer. When the
last asked-for pong came can be read at any time, without waking a room.
"""

from __future__ import annotations

from collections.abc import Callable

from chatapp.runtime import HubScheduler, Timer

PING_INTERVAL_SECONDS = 20
PING_TIMEOUT_SECONDS = 10


class Heartbeat:
    """``send_ping`` and ``on_dead`` run on the hub and must not wait.

    ``has_left`` says whether the last ping has been taken by the network. ``last_pong_at`` is in seconds
    of the scheduler's ``elapsed``; at first the time of birth.
    """

    __slots__ = ("_asked_at", "_has_left", "_on_dead", "_scheduler", "_send_ping", "_timer", "last_pong_at")

    def __init__(
        self,
        scheduler: HubScheduler,
        send_ping: Callable[[], object],
        on_dead: Callable[[], object],
        has_left: Callable[[], bool],
    ) -> None:
        self._scheduler = scheduler
        self._send_ping = send_ping
        self._has_left = has_left
        self._on_dead = on_dead
        self._asked_at: float | None = None  # None: nothing is asked
        self.last_pong_at = scheduler.elapsed()
        self._timer: Timer = scheduler.call_later(PING_INTERVAL_SECONDS, self._ask)

    @property
    def unanswered_seconds(self) -> float:
        """For how long a ping has been without an answer; 0 when none is."""
        return 0.0 if self._asked_at is None else self._scheduler.elapsed() - self._asked_at

    def ask_now(self) -> None:
        """Do not wait for the next ping's time; the answer is due as always."""
        if self._asked_at is None:
            self._timer.cancel()
            self._ask()

    def pong(self) -> None:
        if self._asked_at is None or not self._has_left():
            return
        self._asked_at = None
        self.last_pong_at = self._scheduler.elapsed()
        self._timer.cancel()
        self._timer = self._scheduler.call_later(PING_INTERVAL_SECONDS, self._ask)

    def stop(self) -> None:
        self._timer.cancel()

    def _ask(self) -> None:
        self._asked_at = self._scheduler.elapsed()
        self._timer = self._scheduler.call_later(PING_TIMEOUT_SECONDS, self._on_dead)
        self._send_ping()
