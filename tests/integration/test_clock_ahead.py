"""A database whose clock was ahead, and is right again: what that costs, and that it is said."""

from __future__ import annotations

import pytest

from chatapp.jobs.report import Ending, Report
from chatapp.jobs.telling import tell
from tests.databases import database_url, postgresql_server, postgresql_url, sqlite_template, sqlite_url
from tests.integration.test_cleanup import DAY, HOUR, House, house

__all__ = ["database_url", "house", "postgresql_server", "postgresql_url", "sqlite_template", "sqlite_url"]


def test_what_a_clock_that_was_ahead_has_stamped_goes_as_much_later_and_is_told_until_then(
    house: House,
) -> None:
    house.say("at rest", 0)
    house.say("ahead", -3 * HOUR)  # and whatever is said later bears that time too, until it has come
    told, left = [], []

    for _ in range(28):
        report = house.clean()
        told.append((report.rooms_ahead, report.ahead_ms))
        left.append([*house.seqs("at rest"), *house.seqs("ahead")])
        house.now += HOUR

    assert told == [(1, 3 * HOUR), (1, 2 * HOUR)] + [(0, 0)] * 26
    assert left == [[1, 1]] * 24 + [[1]] * 3 + [[]]


def test_a_clock_that_was_ahead_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    tell(Report(ending=Ending.DONE))
    tell(Report(ending=Ending.DONE, rooms_ahead=2, ahead_ms=3 * DAY))

    assert caplog.messages == [
        "the clock was ahead: 2 rooms have messages of up to 72.0 hours to come, which go as much later"
    ]
