from __future__ import annotations

import logging

import pytest

from chatapp.jobs.report import Ending, Report
from chatapp.jobs.telling import LOG_KEPT, SAID_EVERY, _tell_once, tell


def warnings(caplog: pytest.LogCaptureFixture, *reports: Report) -> list[str]:
    caplog.clear()
    with caplog.at_level(logging.WARNING, "chatapp.jobs.telling"):
        for report in reports:
            tell(report)
    return [record.getMessage() for record in caplog.records]


def test_what_stands_in_the_way_is_said_once_an_hour_and_that_it_is_over_too(
    caplog: pytest.LogCaptureFixture,
) -> None:
    runs = [
        Report(ending=Ending.UNFINISHED, hindrances=["a reader"], unfinished_before=n)
        for n in range(2 * SAID_EVERY)
    ]
    said = warnings(caplog, *runs, Report(ending=Ending.DONE, unfinished_before=2 * SAID_EVERY))

    told = "the cleanup could not finish, and tries again each minute: a reader"
    assert [line for line in said if not line.startswith("cleanup ")] == [
        *[told] * 2,
        f"the cleanup has finished, after {2 * SAID_EVERY} runs that could not",
    ]


@pytest.mark.parametrize(
    ("oldest_age_ms", "words"),
    [(None, "no message left, "), (0, "oldest message left 0 ms old, ")],
)
def test_how_old_the_oldest_message_is_that_is_left_or_that_none_is(
    caplog: pytest.LogCaptureFixture, oldest_age_ms: int | None, words: str
) -> None:
    with caplog.at_level(logging.INFO, "chatapp.jobs.telling"):
        tell(Report(ending=Ending.DONE, oldest_age_ms=oldest_age_ms))

    assert f" pages given back, {words}" in caplog.messages[-1]


def test_that_the_server_keeps_its_log_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    _tell_once.cache_clear()
    kept = Report(ending=Ending.DONE, is_wal_truncated=False)

    assert warnings(caplog, kept, kept) == [LOG_KEPT]
