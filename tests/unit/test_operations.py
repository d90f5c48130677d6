"""docs/operations.md and the alarms speak of what there is: metrics, alarms, files, commands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from chatapp.cli import SUBCOMMANDS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")
ALARMS: list[dict[str, Any]] = yaml.safe_load((ROOT / "cluster" / "alarms.yml").read_text())["groups"][0][
    "rules"
]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
MAKERS = ("metrics/*.py", "factory/gauges.py", "gateway/delivery/gauges.py", "files/watching.py")


def metrics() -> set[str]:
    code = "".join(file.read_text() for maker in MAKERS for file in (ROOT / "chatapp").glob(maker))
    return set(re.findall(r'"(chat_\w+)"', code))


def asked_for(text: str) -> set[str]:
    return {re.sub(r"_(total|bucket|sum|count)$", "", name) for name in re.findall(r"\bchat_\w+", text)}


@pytest.mark.parametrize("alarm", ALARMS, ids=lambda alarm: str(alarm["alert"]))
def test_an_alarm_asks_for_metrics_that_exist_and_is_explained(alarm: dict[str, Any]) -> None:
    assert asked_for(alarm["expr"]) <= metrics()
    assert re.search(r"\b(chat_\w+|process_\w+|up)\b", alarm["expr"])
    assert f"\n| {alarm['alert']} | " in PAGE


def test_no_alarm_is_explained_that_does_not_exist() -> None:
    table = PAGE.partition("### What each alarm means")[2].partition("\n## ")[0]

    assert re.findall(r"^\| ([A-Z]\w+) \|", table, re.M) == [alarm["alert"] for alarm in ALARMS]


def test_the_page_names_every_metric_that_is_worth_a_look_and_no_other() -> None:
    left_out = {"chat_ready", "chat_hibernations", "chat_drops", "chat_rooms_heard"}

    assert asked_for(PAGE) == metrics() - left_out


def test_the_page_speaks_of_containers_and_programs_that_exist() -> None:
    for command in re.findall(r"docker compose (.+)", PAGE):
        named = set(re.findall(r"\b(web-\d|nginx|worker|beat|database|redis)\b", command))
        assert named <= COMPOSE["services"].keys()
    for module in re.findall(r"python -m (chatapp[\w.]+)", PAGE):
        assert (ROOT / module.replace(".", "/")).with_suffix(".py").exists()
    assert set(re.findall(r"(?:-m chatapp|`chat|bin/chat) (\w+)", PAGE)) == SUBCOMMANDS.keys()
    for target in re.findall(r"`make (\w+)`", PAGE):
        assert re.search(rf"^{target}: ", (ROOT / "Makefile").read_text(), re.M)
    for secret in re.findall(r"for name in (.+);", PAGE)[0].split(";")[0].split():
        assert f"${{{secret}:?" in (ROOT / "docker-compose.yml").read_text()
