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


def test_that_the_server_keeps_its_log_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    _tell_once.cache_clear()
    kept = Report(ending=Ending.DONE, is_wal_truncated=False)

    assert warnings(caplog, kept, kept) == [LOG_KEPT]
