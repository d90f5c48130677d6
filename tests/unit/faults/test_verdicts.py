"""What makes a run green or red, and what the report says of it."""

from __future__ import annotations

import json

import pytest

from bench.machine import Machine
from faults.history import Answered, Ended, History, Joined, Sent, Shown
from faults.measuring import delays, longest_silence, returns, silences
from faults.report import Report, Run, as_markdown, as_text, to_json
from faults.scenario import SQLITE, Limit, Outcome, Scenario, faults_of

KEY = ("lobby", "ana", "c-1")
MACHINE = Machine(
    cpu="a processor",
    cores=2,
    memory_gb=4.0,
    system="Linux",
    python="3.11",
    sqlite="3.40",
    node="v20",
    socket_io="4.8",
    libraries={},
    commit="abc",
    is_pinned=False,
    load_before=0.1,
)


def good() -> Outcome:
    return Outcome(figures={"silent_seconds": 1.5}, bites={"kills": 3}, broken={"I1": []})


def scenario(**more: object) -> Scenario:
    limits = (Limit(figure="silent_seconds", at_most=2.0),)
    parts = {"name": "F99", "title": "a test", "criterion": "none", "places": (SQLITE,), "limits": limits}
    return Scenario(run=lambda stage, where: good(), **(parts | more))  # type: ignore[arg-type]


def test_a_run_is_green_if_nothing_is_wrong_and_the_fault_bit() -> None:
    assert faults_of(scenario(), good(), SQLITE) == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (Outcome(figures={"silent_seconds": 2.5}, bites={"kills": 3}), "silent_seconds ≤ 2"),
        (Outcome(bites={"kills": 3}), "silent_seconds ≤ 2"),
        (Outcome(figures={"silent_seconds": 1}, bites={"kills": 0}), "did not bite: kills"),
        (Outcome(figures={"silent_seconds": 1}, bites={"kills": 1}, complaints=["no"]), "no"),
        (
            Outcome(figures={"silent_seconds": 1}, bites={"kills": 1}, broken={"I2": ["twice"]}),
            "I2: 1, such as twice",
        ),
    ],
    ids=["a limit", "not measured", "no bite", "a complaint", "an invariant"],
)
def test_it_is_red_if_anything_is(wrong: Outcome, said: str) -> None:
    (fault,) = faults_of(scenario(), wrong, SQLITE)

    assert said in fault


def test_a_limit_of_another_place_does_not_count() -> None:
    elsewhere = scenario(limits=(Limit(figure="silent_seconds", at_most=0.5, place="elsewhere"),))

    assert faults_of(elsewhere, good(), SQLITE) == []


def report() -> Report:
    broken = Outcome(figures={"silent_seconds": 1}, bites={"kills": 1}, broken={"I1": ["lost"]})
    runs = [
        Run(scenario=scenario(), place=SQLITE, outcome=good()),
        Run(scenario=scenario(), place=SQLITE, outcome=broken, build="no_fence"),
        Run(scenario=scenario(), place="3 nodes", why_not="there is only one node"),
    ]
    return Report(machine=MACHINE, runs=runs, took_seconds=12)


def test_a_broken_build_must_be_red_for_the_report_to_be_good() -> None:
    good_report = report()
    assert good_report.is_good

    good_report.runs[1].outcome = good()
    assert not good_report.is_good


def test_what_was_not_run_is_said_in_every_form() -> None:
    for form in (as_text(report()), as_markdown(report()), to_json(report()).decode()):
        assert "there is only one node" in form


def test_the_json_holds_what_was_found() -> None:
    runs = json.loads(to_json(report()))["runs"]

    assert [run["verdict"] for run in runs] == ["green", "red, as it must be", "not run"]
    assert runs[1]["invariants"] == {"I1": ["lost"]}


def a_history() -> History:
    by = {"client": "ana", "connection": 1}
    return History(
        entries=[
            Sent(at=1, **by, key=KEY, content="hello"),  # type: ignore[arg-type]
            Answered(at=2, **by, key=KEY, seq=1),  # type: ignore[arg-type]
            Shown(at=2.5, client="bo", connection=0, key=KEY, seq=1, content="hello"),
            Ended(at=3.2, **by),  # type: ignore[arg-type]
            Joined(at=5, **by, room="lobby", since=1, is_recovered=True),  # type: ignore[arg-type]
            Answered(at=6, **by, key=("lobby", "ana", "c-2"), seq=2),  # type: ignore[arg-type]
        ]
    )


def test_times_are_reckoned_from_the_moment_of_the_fault() -> None:
    history = a_history()

    assert silences(history, ["lobby"], [3.0]) == [3.0]
    assert silences(history, [], [3.0]) == [], "of these rooms, and of no others"
    assert returns(history, [3.0]) == [2.0]
    assert longest_silence(history, ["lobby"], 1.0, 7.0) == 4.0
    assert delays(history, 0.0, 3.0) == [0.5]
