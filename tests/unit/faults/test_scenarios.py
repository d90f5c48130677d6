"""The list of scenarios: each that is written is run, under one name, and what it is held to is there."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from faults import scenarios
from faults.broken import BUILDS
from faults.broken_crowd import CROWDS
from faults.scenario import CLUSTER, SQLITE, Scenario
from faults.scenarios import SCENARIOS


def test_each_scenario_that_is_written_is_on_the_list() -> None:
    modules = [import_module(f"faults.scenarios.{found.name}") for found in iter_modules(scenarios.__path__)]
    written = [value for module in modules for value in vars(module).values() if isinstance(value, Scenario)]

    assert sorted(each.name for each in written) == sorted(SCENARIOS)


def test_they_run_somewhere_and_what_they_name_is_there() -> None:
    for name, scenario in SCENARIOS.items():
        assert scenario.name == name
        assert scenario.places
        assert set(scenario.catches.values()) <= set(scenario.places)
        assert set(scenario.catches) <= {*BUILDS, *CROWDS}
        assert {limit.place for limit in scenario.limits} <= {"", *scenario.places}


def test_what_befalls_files_runs_on_a_folder_and_on_a_bucket() -> None:
    """Without nodes beside it one has a folder; several have an S3 server."""
    for name in ("F23", "F24"):
        assert set(SCENARIOS[name].places) == {SQLITE, CLUSTER}
