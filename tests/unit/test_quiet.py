from __future__ import annotations

import logging
import time

import pytest

from chatapp.gateway import quiet


def test_a_quiet_logger_says_one_thing_a_second(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    logger = quiet.quiet_logger("test.quiet")

    for now in (100.0, 100.1, 100.9, 101.0, 101.5):
        logger.error("at %s", now)

    assert [record.getMessage() for record in caplog.records] == ["at 100.0", "at 101.0"]


def test_a_quiet_logger_says_errors_only_and_is_made_quiet_once() -> None:
    logger = quiet.quiet_logger("test.quieter")

    assert quiet.quiet_logger("test.quieter").filters == logger.filters
    assert len(logger.filters) == 1
    assert not logger.isEnabledFor(logging.WARNING)
