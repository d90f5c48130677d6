"""A few minutes' worth of `make faults` in less than one: that it runs, and what it says.

The suite itself is for whoever has half an hour. Here are its shortest scenarios, shortened, and one
broken build, which must be noticed.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from faults.processes import Node
from faults.scenario import SQLITE, Scenario, Stage, faults_of
from faults.scenarios import f01, f06, f19, f20, f25, f29

pytestmark = pytest.mark.slow


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with ExitStack() as stack:
        yield Stage(tmp_path, stack)


def run(scenario: Scenario, stage: Stage) -> list[str]:
    """Everything for which it failed, slowness apart: other tests may run beside this one."""
    outcome = scenario.carry_out(stage, SQLITE)
    limits = tuple(str(limit) for limit in scenario.limits)
    return [fault for fault in faults_of(scenario, outcome, SQLITE) if not fault.startswith(limits)]


def test_a_node_killed_under_load_breaks_no_invariant(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(f01.KILLS, SQLITE, 1)
    monkeypatch.setattr(f01, "BETWEEN_SECONDS", 1.0)

    assert run(f01.SCENARIO, stage) == []


def test_a_crash_on_either_side_of_a_commit_breaks_no_invariant(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a crash before it loses is sent again; behind it somebody may see it first as an event."""
    monkeypatch.setattr(f06, "ENDS", ("after_commit",))
    monkeypatch.setattr(f06, "POINTS", ("before_commit", "after_commit"))
    monkeypatch.setitem(f06.OTHERS, SQLITE, ())

    assert run(f06.SCENARIO, stage) == []


def test_odd_resumes_are_answered_as_the_log_says(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f19, "RESUMES", 100)
    monkeypatch.setattr(f19, "CLEANUPS", 1)

    assert run(f19.SCENARIO, stage) == []


def test_a_build_without_a_queue_is_noticed(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f20, "CYCLES", 3)

    found = run(f20.SCENARIO, stage.broken("no_queue"))

    assert any(fault.startswith("I6") for fault in found), found


def test_whoever_has_something_to_say_comes_in_while_descriptors_run_out(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f25, "CROWDS", 1)
    monkeypatch.setattr(f25, "HELD_SECONDS", 1.0)
    monkeypatch.setattr(f25, "ERRORS", ("ECONNABORTED", "ENOBUFS"))

    assert run(f25.SCENARIO, stage) == []


def test_a_hostile_address_is_refused_and_all_of_it_is_forgotten(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f29, "CONNECTIONS", 500)
    monkeypatch.setattr(f29, "QUIET_SECONDS", 2.0)
    monkeypatch.setattr(f29, "SIEGE_SECONDS", 3.0)
    monkeypatch.setattr(f29, "SETTLING_SECONDS", 0.0)

    assert run(f29.SCENARIO, stage) == []


def test_a_node_that_nobody_can_reach_any_more_says_so_and_ends(tmp_path: Path) -> None:
    """Whoever keeps it running starts it again; alive and deaf it would stay for ever."""
    node = Node(tmp_path / "node", {})
    try:
        node.start()
        node.arm("in_accept", "EBADF")
        with socket.create_connection(("127.0.0.1", node.port)):
            assert node.wait() == 1
    finally:
        node.end()

    assert "Accepting connections has ended: Bad file descriptor. The node ends with it." in node.output
