"""An alarm that is killed, wherever: the next one leaves nothing of what has expired, and all that lives."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import IO

import pytest

from chatapp.store.forgetting import anew, forgetting
from chatapp.store.nodes.alarms import CLAIM_MS
from tests.databases import sqlite_template
from tests.dying import Point, Points
from tests.forgetful import HOUR, MINUTE, ForgetfulChat
from tests.forked import Ordered
from tests.searched import Open, open_chat, postgresql_place, server, sqlite_place

__all__ = ["open_chat", "postgresql_place", "server", "sqlite_place", "sqlite_template"]

pytestmark = pytest.mark.slow

RETENTION = 4 * HOUR
BETWEEN = 70 * MINUTE  # two alarms: not so long that a clock might have jumped
MESSAGES = 30  # between them
# Of so little talk, too, some tables are written anew, and in others words are overwritten, in several steps.
FEW_ROWS, ROWS_AT_ONCE, SLICE_ROWS = 5, 10, 3


def test_a_killed_alarm_leaves_nothing_behind_that_the_next_one_does_not_find(
    open_chat: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(forgetting, "FEW_ROWS", FEW_ROWS)
    monkeypatch.setattr(forgetting, "ROWS_AT_ONCE", ROWS_AT_ONCE)
    monkeypatch.setattr(anew, "ROWS_AT_ONCE", SLICE_ROWS)
    chat = open_chat(RETENTION, seed=1, rooms=20, people=10)
    left, log = {}, tmp_path / "log"

    with log.open("w") as errors, closing(cleaner(chat, errors)) as alarm:
        for point in chosen(points_of_a_run(chat, alarm)):
            chat.talk(MESSAGES, BETWEEN)
            ending = alarm.order({"place": point, "now_ms": chat.now})
            assert ending in (0, -signal.SIGKILL), log.read_text()
            if ending == 0:
                continue  # this time it did not come by there
            chat.talk(5, CLAIM_MS + 1)
            chat.clean_up()
            left[point] = chat.remains()
            assert chat.read() == chat.living()
            assert chat.read_stays() == chat.living_stays()
            assert chat.read_users() == chat.living_users()
            assert chat.files.read() == chat.living_files()

    assert len(left) > 15
    assert [found for found in left.items() if found[1]] == []


def cleaner(chat: ForgetfulChat, errors: IO[str]) -> Ordered:
    """Where alarms are killed; what the process has to say of itself is in ``errors``."""
    about = {
        "DATABASE_URL": chat.url,
        "RETENTION_MS": str(chat.retention_ms),
        "ROWS": f"{FEW_ROWS} {ROWS_AT_ONCE} {SLICE_ROWS}",
        "UPLOADS": str(chat.files.objects._folder),
    }
    return Ordered("tests.dying", {**os.environ, **about}, errors)


def points_of_a_run(chat: ForgetfulChat, alarm: Ordered) -> list[Point]:
    """When much has expired."""
    for _ in range(5):
        chat.talk(MESSAGES, BETWEEN)
        chat.clean_up()
    chat.talk(MESSAGES, BETWEEN)
    alarm.order({"place": None, "now_ms": chat.now})  # the first, which compiles all statements
    chat.talk(MESSAGES, BETWEEN)
    passed: list[Point] = []
    points = Points(passed.append)
    chat.clean_up()
    points.end()
    return passed


def chosen(points: Iterable[Point]) -> Iterator[Point]:
    """The first time that a statement is executed; a COMMIT where words go."""
    for point in points:
        if point.n == 1 and not re.match(
            r"the COMMIT of (?!.*\b(texts_|sessions|users|reactions|uploads))", point.name
        ):
            yield point
