"""Gone means gone: after an alarm, nothing of what has expired is in any file; all that lives still reads."""

from __future__ import annotations

import pytest

from chatapp.jobs.plan import ROW_LIFE_MS
from chatapp.store.forgetting import anew, forgetting
from chatapp.store.forgetting.forgetting import FEW_ROWS
from tests.databases import BACKENDS, sqlite_template
from tests.forgetful import HOUR, MINUTE
from tests.searched import Open, open_chat, postgresql_place, server, sqlite_place

__all__ = ["open_chat", "postgresql_place", "server", "sqlite_place", "sqlite_template"]

DAY = 24 * HOUR
MESSAGES, ALARMS = 2_500, 7
SLICE_ROWS = 20  # so that there are several
LIVING_SHARE = 10  # of the time in which they are said, so many retentions


# Which retention, and how few rows are few: `make faults` searches what all its scenarios leave.
STORIES = ((1, DAY, FEW_ROWS), (2, 100 * MINUTE, 5))


@pytest.mark.parametrize(
    ("open_chat", "seed", "retention_ms", "few_rows"),
    [(database, *story) for database in BACKENDS for story in STORIES],
    indirect=["open_chat"],
)
def test_after_each_alarm_nothing_that_has_expired_is_in_a_file(
    open_chat: Open, monkeypatch: pytest.MonkeyPatch, seed: int, retention_ms: int, few_rows: int
) -> None:
    """Rows that stay for a while, with a retention so short, stay without a word."""
    monkeypatch.setattr(forgetting, "FEW_ROWS", few_rows)
    monkeypatch.setattr(anew, "ROWS_AT_ONCE", SLICE_ROWS)
    chat, left, emptied = open_chat(retention_ms, seed=seed), [], 0
    for share in chat.shares(ALARMS):
        chat.talk(int(MESSAGES * share), int(LIVING_SHARE * retention_ms * share))
        chat.sample()
        chat.clean_up()
        left.append(chat.remains())
        emptied += chat.emptied_rows()
        assert chat.read() == chat.living()
        assert chat.read_stays() == chat.living_stays()
        assert chat.read_users() == chat.living_users()
        assert chat.files.read() == chat.living_files()

    assert left == [{}] * ALARMS
    assert MESSAGES // 20 < len(chat.living()) < MESSAGES // 5
    assert bool(emptied) == (retention_ms < ROW_LIFE_MS)
