"""Throttled logging: a logger that strangers can make speak once a second at most.

What the library calls an error the first time, a request it has refused, is none of ours: it is told
at INFO, and without what the stranger has sent.
"""

from __future__ import annotations

import logging
import re
import time

_REFUSED = re.compile(
    r"(?P<said>.*) \(further occurrences of this error will be logged with level INFO\)", re.DOTALL
)
_REASON = re.compile(
    r"Invalid session|is not an accepted origin|is not connected|Unexpected HTTP request|Invalid transport"
    r"|Invalid websocket upgrade|Invalid JSONP index|unsupported version of the (?:Socket|Engine)\.IO"
)


class StrangersAreNoErrors(logging.Filter):
    """Lowers the library's lines about refused requests; drops them where INFO is not wanted."""

    def filter(self, record: logging.LogRecord) -> bool:
        refused = _REFUSED.fullmatch(record.getMessage())
        if refused is None:
            return True
        reason = _REASON.search(refused["said"])
        record.msg, record.args = f"a request was refused: {reason[0] if reason else 'no reason given'}", ()
        record.levelno, record.levelname = logging.INFO, "INFO"
        return logging.getLogger("chatapp").isEnabledFor(logging.INFO)


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


def throttled_logger(name: str) -> logging.Logger:
    """Errors only, and few of them."""
    logger = logging.getLogger(name)
    logger.setLevel(logging.ERROR)
    if not logger.filters:
        logger.addFilter(StrangersAreNoErrors())
        logger.addFilter(OncePerSecond())
    return logger
