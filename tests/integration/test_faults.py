"""One scenario of `make faults`, shortened: that it runs, passes a sound build, and notices a broken one.

All of them are for whoever has an hour.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from faults.processes import Node
from faults.scenario import SQLITE, Scenario, Stage, faults_of
from faults.scenarios import f20

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


def test_a_sound_build_passes_and_one_without_a_queue_is_noticed(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f20, "CYCLES", 3)

    assert run(f20.SCENARIO, stage) == []
    found = run(f20.SCENARIO, stage.broken("no_queue"))

    assert any(fault.startswith("I6") for fault in found), found


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
