"""The archive answers everybody who asks, whatever became of the reading."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest

from chatapp.errors import ChatError, Internal, StorageUnavailable
from chatapp.gateway.archive import Archive
from chatapp.store.threaded import ThreadedStore
from tests.unit.gateway.edge import Edge


class Broken:
    """A store whose readers fail like this."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def read(self, job: object, done: Callable[[Any], None]) -> None:
        done(self._error)


@pytest.mark.parametrize(
    ("error", "answer"), [(ZeroDivisionError(), Internal), (StorageUnavailable(), StorageUnavailable)]
)
def test_a_reading_that_fails_is_answered_too(error: Exception, answer: type[ChatError]) -> None:
    archive = Archive(cast(ThreadedStore, Broken(error)), Edge().node.clock, retention_ms=1)
    answers: list[Any] = []

    archive.page("lobby", before=None, after=None, around=None, limit=1, done=answers.append)
    archive.lookup("lobby", "ana", ["c1"], done=answers.append)
    archive.heads(["lobby"], done=answers.append)

    assert [type(each) for each in answers] == [answer] * 3
