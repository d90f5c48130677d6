"""A failpoint acts once, where it lies, and only when it is armed."""

from __future__ import annotations

from pathlib import Path

import pytest

from faults.failpoints import POINTS, Failpoints, Injected


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def points(tmp_path: Path, slept: list[float]) -> Failpoints:
    return Failpoints(str(tmp_path), slept.append)


def test_it_acts_once_and_shows_that_it_has(points: Failpoints, slept: list[float], tmp_path: Path) -> None:
    (tmp_path / "after_ack").write_text("sleep")

    for _ in range(3):
        points.hit("after_ack")

    assert len(slept) == 1
    assert list(tmp_path.iterdir()) == []


def test_it_is_left_alone_by_all_others(points: Failpoints, slept: list[float], tmp_path: Path) -> None:
    (tmp_path / "after_ack").write_text("sleep")

    for point in set(POINTS) - {"after_ack"}:
        points.hit(point)

    assert slept == []


def test_it_can_raise_what_nobody_has_foreseen(points: Failpoints, tmp_path: Path) -> None:
    (tmp_path / "before_commit").write_text("raise")

    with pytest.raises(Injected):
        points.hit("before_commit")


def test_the_name_of_a_system_error_is_raised_in_a_methods_stead(points: Failpoints, tmp_path: Path) -> None:
    class Door:
        def open(self) -> str:
            return "open"

    points.precede(Door, "open", "in_accept")
    (tmp_path / "in_accept").write_text("EMFILE")

    with pytest.raises(OSError, match="Too many open files"):
        Door().open()
    assert Door().open() == "open"
