"""An outage: a server that we need is away. One line when it begins, one when it is over.

Whoever is up at night reads what the server itself said, once, and not once for each room and each
second. An outage has ended when something works again and nothing has failed for a moment, so that
what flickers is one outage too.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

CALM_SECONDS = 1.0


class Outage:
    """``elapsed`` gives seconds of a steady clock. ``worked`` costs nothing while all is well."""

    def __init__(
        self,
        server: str,
        logger: logging.Logger,
        elapsed: Callable[[], float],
        calm_seconds: float = CALM_SECONDS,
    ) -> None:
        self.reason: str | None = None
        self._server = server
        self._logger = logger
        self._elapsed = elapsed
        self._calm_seconds = calm_seconds
        self._began_at = self._failed_at = 0.0

    @property
    def is_on(self) -> bool:
        return self.reason is not None

    def failed(self, reason: str) -> None:
        """``reason`` is what the server said, or what happened to the connection."""
        self._failed_at = self._elapsed()
        if self.reason is None:
            self._began_at = self._failed_at
            self._logger.warning("%s cannot be used: %s", self._server, reason)
        self.reason = reason

    def worked(self) -> bool:
        """True if this is the end of an outage."""
        if self.reason is None or self._elapsed() - self._failed_at < self._calm_seconds:
            return False
        self.reason = None
        self._logger.warning("%s is back after %.1f s", self._server, self._elapsed() - self._began_at)
        return True
