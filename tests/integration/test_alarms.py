"""Alarms ring: each rule has a case, and what it asks for is there from a node's first scrape on.

A series that came into being with its first event would be no rise to Prometheus, and the alarm
would sleep through it. So the cases' series are held against a fresh node, and their numbers are
given to Prometheus' own tool where that is installed.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from math import isnan
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.integration.http_node import Visitor, running_node

CLUSTER = Path(__file__).parents[2] / "cluster"
CASES_FILE = CLUSTER / "alarms_test.yml"
RULES: list[dict[str, Any]] = yaml.safe_load((CLUSTER / "alarms.yml").read_text())["groups"][0]["rules"]
CASES: list[dict[str, Any]] = yaml.safe_load(CASES_FILE.read_text())["tests"]

OF_PROMETHEUS = {"up"}  # its own word on a scrape
OF_A_SCRAPE = {"job", "instance"}

Labels = dict[str, str]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[Labels, float]]]:
    """What a node shows that nobody has spoken to: by name, the labels and the value of each series."""
    with running_node(tmp_path_factory.mktemp("fresh")) as node:
        text = Visitor(node).ask("GET", "/metrics").get_data(as_text=True)
    series: dict[str, list[tuple[Labels, float]]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            series.setdefault(sample.name, []).append((sample.labels, sample.value))
    return series


def selectors(expr: str) -> list[tuple[str, list[Labels]]]:
    """The metrics of an expression, each with the labels that one of its series must have."""
    found = []
    for name, matchers in re.findall(r"\b((?:chat|process)_\w+)(?:\{([^}]*)\})?", expr):
        wanted: list[Labels] = [{}]
        for label, _, value in re.findall(r'(\w+)(=~|=)"([^"]*)"', matchers):
            wanted = [{**labels, label: each} for labels in wanted for each in value.split("|")]
        found.append((name, wanted))
    return found


def series_of(case: dict[str, Any]) -> list[tuple[str, Labels]]:
    parsed = (re.fullmatch(r"(\w+)\{(.*)\}", each["series"]) for each in case["input_series"])
    return [(m[1], dict(re.findall(r'(\w+)="([^"]*)"', m[2]))) for m in parsed if m]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["alert"]))
def test_each_series_that_an_alarm_asks_for_is_there_before_anything_happens(
    rule: dict[str, Any], fresh: dict[str, list[tuple[Labels, float]]]
) -> None:
    for name, wanted in selectors(rule["expr"]):
        there = [labels for labels, _ in fresh.get(name, [])]
        for labels in wanted:
            assert any(labels.items() <= each.items() for each in there), f"{name}{labels}"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["alert"]))
def test_each_alarm_has_a_case_in_which_it_is_silent_and_then_rings(rule: dict[str, Any]) -> None:
    checks = [c for case in CASES for c in case["alert_rule_test"] if c["alertname"] == rule["alert"]]

    assert {bool(check["exp_alerts"]) for check in checks} == {True, False}


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_a_case_begins_as_a_fresh_node_does(
    case: dict[str, Any], fresh: dict[str, list[tuple[Labels, float]]]
) -> None:
    assert len(series_of(case)) == len(case["input_series"])
    for (name, labels), given in zip(series_of(case), case["input_series"], strict=True):
        own = {label: value for label, value in labels.items() if label not in OF_A_SCRAPE}
        if name in OF_PROMETHEUS:
            continue
        there = [value for each, value in fresh.get(name, []) if each == own]
        assert len(there) == 1, f"{name}{own}"
        if name.endswith(("_total", "_bucket")):
            assert given["values"].startswith("0")
            # NaN: nobody keeps a worker here. The hub is measured from its start.
            assert there == [0] or isnan(there[0]) or name.startswith("chat_hub_lag")


@pytest.mark.skipif(shutil.which("promtool") is None, reason="needs Prometheus' promtool")
def test_the_alarms_ring_in_their_cases() -> None:
    asked = ["promtool", "test", "rules", str(CASES_FILE)]
    told = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=False)

    assert told.returncode == 0, told.stdout + told.stderr
