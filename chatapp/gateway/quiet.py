"""A logger that strangers can make speak once a second at most."""

from __future__ import annotations

import logging
import time


class OncePerSecond(logging.Filter):
    """Lets one record pass each second."""

    def __init__(self) -> None:
        super().__init__()
        self._silent_until = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        now = time.monotonic()
        if now < self._silent_until:
            return False
        self._silent_until = now + 1
        return True


def quiet_logger(name: str) -> logging.Logger:
    """Errors only, and few of them."""
    logger = logging.getLogger(name)
    logger.setLevel(logging.ERROR)
    if not any(isinstance(known, OncePerSecond) for known in logger.filters):
        logger.addFilter(OncePerSecond())
    return logger
