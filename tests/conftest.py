"""What is so for all tests of a run: SIGTERM ends them as Ctrl-C does, with the servers they have started."""

from __future__ import annotations

import signal


def pytest_configure() -> None:
    signal.signal(signal.SIGTERM, _interrupt)


def _interrupt(*_: object) -> None:
    """Once: `timeout` says it twice, and what is being ended would be left as it is."""
    signal.signal(signal.SIGTERM, lambda *_: None)
    raise KeyboardInterrupt
