from __future__ import annotations

import logging
import time

import pytest

from chatapp.gateway.wire.throttled_logging import throttled_logger


def test_a_throttled_logger_says_one_thing_a_second(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    logger = throttled_logger("test.throttled")

    for now in (100.0, 100.1, 100.9, 101.0, 101.5):
        logger.error("at %s", now)

    assert [record.getMessage() for record in caplog.records] == ["at 100.0", "at 101.0"]


def test_a_throttled_logger_says_errors_only_and_is_throttled_once() -> None:
    logger = throttled_logger("test.throttled_too")

    assert throttled_logger("test.throttled_too").filters == logger.filters
    assert len(logger.filters) == 2
    assert not logger.isEnabledFor(logging.WARNING)


FURTHER = " (further occurrences of this error will be logged with level INFO)"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Invalid session a-stranger's-text", "a request was refused: Invalid session"),
        (
            "http://evil.example is not an accepted origin.",
            "a request was refused: is not an accepted origin",
        ),
        ("Something\na new version says", "a request was refused: no reason given"),
    ],
)
def test_what_the_library_refuses_is_no_error_and_shows_nothing_of_the_stranger(
    caplog: pytest.LogCaptureFixture, said: str, told: str
) -> None:
    caplog.set_level(logging.INFO, "chatapp")

    throttled_logger(f"test.{told}.{said}".replace(".", "_")).error(said + FURTHER)

    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [("INFO", told)]


def test_what_the_library_refuses_is_not_told_where_only_warnings_are_wanted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING, "chatapp")

    throttled_logger("test.warnings").error("Invalid session x" + FURTHER)

    assert caplog.records == []
