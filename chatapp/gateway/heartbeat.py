"""Is anybody still there? A ping every 20 seconds, an answer within 10, by timers of the hub.

A pong that nobody asked for costs nothing and changes nothing. When the last asked-for pong came
can be read at any time, without waking a room.
"""

from __future__ import annotations

from collections.abc import Callable

from chatapp.runtime import HubScheduler, Timer

PING_INTERVAL_SECONDS = 20
PING_TIMEOUT_SECONDS = 10


class Heartbeat:
    """``send_ping`` and ``on_dead`` run on the hub and must not wait.

    ``last_pong_at`` is in seconds of the scheduler's ``elapsed``; at first the time of birth.
    """

    __slots__ = ("_is_asked", "_on_dead", "_scheduler", "_send_ping", "_timer", "last_pong_at")

    def __init__(
        self, scheduler: HubScheduler, send_ping: Callable[[], object], on_dead: Callable[[], object]
    ) -> None:
        self._scheduler = scheduler
        self._send_ping = send_ping
        self._on_dead = on_dead
        self._is_asked = False
        self.last_pong_at = scheduler.elapsed()
        self._timer: Timer = scheduler.call_later(PING_INTERVAL_SECONDS, self._ask)

    def pong(self) -> None:
        if not self._is_asked:
            return
        self._is_asked = False
        self.last_pong_at = self._scheduler.elapsed()
        self._timer.cancel()
        self._timer = self._scheduler.call_later(PING_INTERVAL_SECONDS, self._ask)

    def stop(self) -> None:
        self._timer.cancel()

    def _ask(self) -> None:
        self._is_asked = True
        self._timer = self._scheduler.call_later(PING_TIMEOUT_SECONDS, self._on_dead)
        self._send_ping()
