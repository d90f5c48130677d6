"""A web node's share in removing files, by a clock that stands still: when it asks again."""

from __future__ import annotations

from collections.abc import Callable
from unittest.mock import Mock

import pytest

from chatapp.errors import StorageUnavailable
from chatapp.jobs.removals import AGAIN_SECONDS, NET_SECONDS, Removals
from tests.fakes.scheduler import FakeScheduler


class World:
    """What holds the bytes answers when the test says so."""

    def __init__(self) -> None:
        self.scheduler = FakeScheduler()
        self.asked: list[Callable[[int | BaseException], object]] = []
        files = Mock(submit=lambda _job, done: self.asked.append(done))
        self.removals = Removals(files, self.scheduler)  # type: ignore[arg-type]

    def answer(self, result: int | BaseException) -> None:
        self.asked.pop()(result)


@pytest.fixture
def world() -> World:
    return World()


def test_while_the_store_is_away_it_is_asked_every_few_seconds(world: World) -> None:
    """A second of an outage leaves what is gone for no minute."""
    world.removals.let_go()
    for _ in range(3):
        world.answer(StorageUnavailable())
        assert world.asked == []
        world.scheduler.run_for(AGAIN_SECONDS)
        assert len(world.asked) == 1
    world.answer(1)
    world.scheduler.run_for(AGAIN_SECONDS)
    assert world.asked == [], "nothing is left over, as far as this node knows"
    world.scheduler.run_for(NET_SECONDS)
    assert len(world.asked) == 1
