"""`python -m bench` as a whole: a workload that fails costs the others nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.figures import Outcome
from bench.past import PastRoom, add_rooms
from bench.stage import Stage, Workload
from bench.workloads import WORKLOADS


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Runs the workloads of these names: one prepares a database that refuses its second room."""
    for workload in (
        Workload(name="FILL", title="cannot be prepared", measure=_same_room_twice, headline="figure"),
        Workload(name="NEXT", title="is measured", measure=_at_once, headline="figure"),
    ):
        monkeypatch.setitem(WORKLOADS, workload.name, workload)

    def run(*names: str) -> int:
        monkeypatch.setattr("sys.argv", ["bench", "--folder", str(tmp_path), *names])
        return main()

    return run


def test_a_preparation_that_fails_is_said_in_a_line_and_the_rest_is_measured(
    bench: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    code = bench("FILL", "NEXT")

    printed = capsys.readouterr().out
    assert code == 1
    assert "NEXT  figure  42.0" in printed
    (line,) = [line for line in printed.splitlines() if "FILL" in line]
    assert "FILL chat, run 1: IntegrityError: (sqlite3.IntegrityError) UNIQUE constraint failed" in line
    assert printed.endswith(f"{line}\n")


def test_a_bench_of_which_all_was_measured_has_no_complaint(
    bench: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench("NEXT") == 0
    assert "do not count" not in capsys.readouterr().out


def test_some_workloads_alone_are_not_written_into_the_documents(
    bench: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        bench("NEXT", "--write-docs")

    assert "--write-docs is for all workloads" in capsys.readouterr().err


def _same_room_twice(stage: Stage, _kind: str) -> Outcome:
    with stage.chat(lambda url: add_rooms(url, [PastRoom(room_id="lobby", messages=1)] * 2)):
        raise AssertionError("it was prepared")


def _at_once(_stage: Stage, _kind: str) -> Outcome:
    return Outcome(figures={"figure": 42.0})
