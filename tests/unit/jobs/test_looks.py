"""A web node's share in looks, by a clock that stands still: when it waits for a worker, and when not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest.mock import Mock

import pytest

from chatapp.files.looking import Looked
from chatapp.jobs import looks as looks_module
from chatapp.jobs.looks import Looks
from chatapp.store.uploads.life import Fate
from chatapp.store.uploads.uploads import LOOKING, READY


class World:
    """The clock, the rows, and the one thread that looks, which is done when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.fates: dict[str, Fate] = {}
        self.own: list[Callable[[Any], object]] = []
        self._later: list[tuple[float, Callable[[], object]]] = []
        files = Mock(look_up=lambda job, done: done(job(Mock())))
        own = Mock(submit=lambda _job, done: self.own.append(done))
        scheduler = Mock(elapsed=lambda: self.now, call_later=self._call_later)
        self.looks = Looks(files=files, own=own, ring=Mock(), scheduler=scheduler, on_look=Mock())

    def _call_later(self, seconds: float, callback: Callable[[], object]) -> Mock:
        self._later.append((self.now + seconds, callback))
        return Mock()

    def pass_by(self, seconds: float) -> None:
        ends_at = self.now + seconds
        while due := sorted(each for each in self._later if each[0] <= ends_at):
            self._later.remove(due[0])
            self.now = due[0][0]
            due[0][1]()
        self.now = ends_at

    def comes(self, upload_id: str) -> None:
        self.fates[upload_id] = Fate(LOOKING, False, "")
        self.looks.came(Mock(upload_id=upload_id, state=LOOKING))

    def own_look(self, upload_id: str) -> None:
        """The node looks at it, from beginning to end."""
        self.own.pop()(Looked(upload_id, "ready", 0.1))
        self.fates[upload_id] = Fate(READY, False, "")
        self.own.pop()(None)

    def worker(self, upload_id: str, state: int = LOOKING) -> None:
        self.fates[upload_id] = Fate(state, state == LOOKING, "")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(looks_module, "Threads", Mock())
    world = World()
    rows = Mock(fates=lambda ids: {id_: world.fates[id_] for id_ in ids})
    monkeypatch.setattr(looks_module, "UploadLife", lambda _database: rows)
    return world


def alone(world: World) -> None:
    """One has waited for a worker that did not come."""
    world.comes("first")
    assert world.own == [], "a worker has time"
    world.pass_by(4)
    world.own_look("first")


def test_where_no_worker_came_in_time_the_next_is_looked_at_at_once(world: World) -> None:
    alone(world)
    for n in range(3):
        world.pass_by(5)
        world.comes(f"next {n}")
        assert len(world.own) == 1
        world.own_look(f"next {n}")


def test_after_a_minute_a_worker_has_time_again(world: World) -> None:
    alone(world)
    world.pass_by(54)
    world.comes("within it")
    world.own_look("within it")
    world.pass_by(7)
    while world.own:
        world.own.pop()(None)  # the net that is cast once a minute

    world.comes("after it")

    assert world.own == []


@pytest.mark.parametrize("state", [LOOKING, READY])
def test_a_worker_that_is_back_has_time_again(world: World, state: int) -> None:
    alone(world)
    world.comes("second")
    world.worker("second", state)
    world.own.pop()(None)  # the node came too late
    world.pass_by(1)

    world.comes("third")

    assert world.own == []


def test_what_the_node_itself_looks_at_is_no_sign_of_a_worker(world: World) -> None:
    alone(world)
    world.comes("second")
    world.worker("second")  # the node's own claim
    world.pass_by(2)
    world.own_look("second")
    world.pass_by(2)

    world.comes("third")

    assert len(world.own) == 1
