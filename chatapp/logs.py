"""Logs: one JSON object per line on stdout, whatever was logged and by whom.

JSON escapes every control character, so nobody can write a second line by what they send.
Whoever makes the same line come again and again makes ten of it a minute; how many were left
out is said by the next one.
What people say, and what lets them in, is not for the log: nobody should log it, and if somebody
does, tokens are blotted out wherever they stand and fields of these names have no value.
"""

from __future__ import annotations

import logging
import re
import sys
import time
from collections.abc import Callable, MutableMapping
from typing import Any, TextIO

import structlog
from structlog.typing import Processor

_UNSPEAKABLE = frozenset(
    {"authorization", "body", "content", "cookie", "cookies", "password", "payload", "secret", "token"}
)
_HIDDEN = "[hidden]"
# A guest's token (id, random part, signature), and any secret that stands in a query or a header.
_TOKEN = re.compile(
    r"u_[0-9a-f]+\.[\w-]+\.[\w-]+|(?<=token=)[^\s&\"']+|(?<=Bearer )\S+|(?<=://)[^\s/@]*:[^\s/@]*(?=@)"
)
EQUAL_LINES_A_MINUTE = 10
# They report each start, each connection and each task; a log is read for what is unusual.
_TALKATIVE = ("alembic", "celery", "kombu", "chatapp.store.database.pool")
# SQLAlchemy puts what was to be stored behind the statement that failed.
_PARAMETERS = re.compile(r"^\[parameters: .*$", re.MULTILINE)


def configure_logs(level: str, stream: TextIO | None = None) -> None:
    """Send everything that is logged from ``level`` on to the stream (stdout). Replaces earlier handlers."""
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _hide,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    handler.addFilter(Repeats())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(True)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


class Repeats(logging.Filter):
    """Lets ten equal lines pass a minute.

    Equal are those from the same place and by the same error, whatever words are in them.
    """

    def __init__(self) -> None:
        super().__init__()
        self._passed: dict[object, int] = {}
        self._left_out: dict[object, int] = {}
        self._ends_at = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        if time.monotonic() >= self._ends_at:
            self._ends_at = time.monotonic() + 60
            self._passed.clear()
        key = _origin(record)
        passed = self._passed.get(key, 0)
        if passed >= EQUAL_LINES_A_MINUTE:
            self._left_out[key] = self._left_out.get(key, 0) + 1
            return False
        self._passed[key] = passed + 1
        if left_out := self._left_out.pop(key, 0):
            record.left_out = left_out
        return True


def _origin(record: logging.LogRecord) -> object:
    """Where in the program it was said, and where what it tells of was raised."""
    raised_at = None
    if record.exc_info and (traceback := record.exc_info[2]):
        while traceback.tb_next is not None:
            traceback = traceback.tb_next
        raised_at = (traceback.tb_frame.f_code, traceback.tb_lineno)
    return record.name, record.pathname, record.lineno, raised_at


def name_node(read: Callable[[], str]) -> None:
    """From now on every line has a ``node``: what ``read`` says when the line is written."""

    def add_node(record: logging.LogRecord) -> bool:
        record.node = read()
        return True

    for handler in logging.getLogger().handlers:
        handler.addFilter(add_node)


def _hide(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in line.items():
        if key.lower() in _UNSPEAKABLE:
            line[key] = _HIDDEN
        elif not isinstance(value, bool | int | float | None):
            line[key] = _PARAMETERS.sub(_HIDDEN, _TOKEN.sub(_HIDDEN, str(value)))
    return line
