"""Containers and `make run` say what the code says: same settings, same commands, no password of their own.

No container engine is needed: the files are read as text, so this can run wherever the tests do.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from chatapp.settings import VARIABLES, Settings

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
# Each line replaces its shell: or else a Ctrl-C ends the shell, and nobody knows how the process ended.
PROCFILE = dict(re.findall(r"^(\w+): exec (.+)$", (ROOT / "Procfile").read_text(), re.MULTILINE))
SETTINGS = {variable.name for variable in VARIABLES}
OURS = ("web", "worker", "beat")
GIVEN = {"SECRET_KEY": "s" * 32, "POSTGRES_PASSWORD": "database-word", "REDIS_PASSWORD": "redis-word"}


def final_stage() -> str:
    return DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :]


def image_environment() -> dict[str, str]:
    lines = re.findall(r"^ENV (.+)$", final_stage(), re.MULTILINE)
    return dict(pair.split("=", 1) for line in lines for pair in line.split())


def environment_of(service: str) -> dict[str, str]:
    """What a container sees: the image's variables, then the compose file's, secrets filled in."""
    filled = {
        name: re.sub(r"\$\{(\w+):\?[^}]*\}", lambda secret: GIVEN[secret[1]], text)
        for name, text in SERVICES[service]["environment"].items()
    }
    return image_environment() | filled


def test_there_is_a_container_for_each_role() -> None:
    assert set(SERVICES) == {*OURS, "database", "redis"}


@pytest.mark.parametrize("service", OURS)
def test_every_variable_set_in_a_container_is_a_setting(service: str) -> None:
    of_python_itself = {"PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}

    assert set(environment_of(service)) - of_python_itself <= SETTINGS


@pytest.mark.parametrize("service", OURS)
def test_a_containers_settings_are_accepted_and_mean_production(service: str) -> None:
    settings = Settings.from_environment(environment_of(service))

    assert settings.is_production
    assert settings.database_url == "postgresql+psycopg://chat:database-word@database:5432/chat"
    assert settings.broker_url == "redis://:redis-word@redis:6379/0"
    assert settings.secret_key == GIVEN["SECRET_KEY"]


def test_the_web_container_listens_where_its_port_and_its_health_check_are() -> None:
    web, settings = SERVICES["web"], Settings.from_environment(environment_of("web"))

    assert settings.host == "0.0.0.0"
    assert web["ports"] == [f"{settings.port}:{settings.port}"]
    assert f"http://127.0.0.1:{settings.port}/readyz" in web["healthcheck"]["test"][-1]
    assert f"EXPOSE {settings.port}\n" in DOCKERFILE


def test_containers_start_what_make_run_starts() -> None:
    """Except that beat, inside the one worker at home, is a container beside any number of them."""
    image_command = re.search(r"^CMD \[(.+)\]$", DOCKERFILE, re.MULTILINE)

    assert image_command is not None
    assert SERVICES["web"]["command"] == PROCFILE["web"]
    assert re.findall(r'"([^"]+)"', image_command[1]) == PROCFILE["web"].split()
    assert SERVICES["worker"]["command"] == PROCFILE["worker"].replace(" --beat", "")
    assert SERVICES["beat"]["command"].startswith(".venv/bin/celery --quiet --app celery_worker beat ")


def test_make_run_takes_the_port_that_the_settings_name() -> None:
    """honcho gives every process a PORT, so the default has to be said to it as well."""
    default = next(variable.default for variable in VARIABLES if variable.name == "PORT")

    assert re.findall(r"\$\{PORT:-(\d+)\}", (ROOT / "Makefile").read_text()) == [default]


def test_exactly_one_process_plays_beat() -> None:
    commands = [SERVICES[service]["command"] for service in OURS]

    assert sum(bool(re.search(r" beat | --beat", command)) for command in commands) == 1
    assert PROCFILE["worker"].count("--beat") == 1


def test_no_password_has_a_default() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    substitutions = re.findall(r"(?<!\$)\$\{(\w+)([^}]*)\}", text)

    assert {name for name, _ in substitutions} == set(GIVEN)
    assert all(rest.startswith(":?") for _, rest in substitutions)
    for service in SERVICES.values():
        for name, value in service["environment"].items():
            assert "${" in value or not re.search("PASSWORD|SECRET|_URL", name)
    assert not re.search(r"PASSWORD|SECRET", DOCKERFILE)


def test_the_image_runs_as_nobody_in_particular() -> None:
    users = re.findall(r"^USER (\w+)$", final_stage(), re.MULTILINE)

    assert users == ["chat"]
    assert re.search(r"useradd .*--uid 10001 .*\bchat\b", final_stage())
    assert final_stage().index("USER ") < final_stage().index("CMD ")


def test_the_image_is_built_from_the_locks_alone() -> None:
    assert DOCKERFILE.count("FROM ") >= 3
    assert "--require-hashes" in DOCKERFILE
    assert "npm ci" in DOCKERFILE


@pytest.mark.parametrize("service", [*OURS, "database", "redis"])
def test_every_container_is_watched_and_comes_back(service: str) -> None:
    assert SERVICES[service]["healthcheck"]["test"]
    assert SERVICES[service]["restart"] == "unless-stopped"


@pytest.mark.parametrize("service", OURS)
def test_nothing_starts_before_what_it_needs_is_healthy(service: str) -> None:
    waits_for = SERVICES[service]["depends_on"]

    assert set(waits_for) == ({"database", "redis"} if service == "web" else {"web"})
    assert all(wait == {"condition": "service_healthy"} for wait in waits_for.values())


def test_what_must_outlive_a_container_lies_in_a_declared_volume() -> None:
    mounts = [mount for service in SERVICES.values() for mount in service.get("volumes", [])]

    assert {mount.split(":")[0] for mount in mounts} == set(COMPOSE["volumes"])
    assert f"beat:{image_environment()['CHAT_DATA_DIR']}" in mounts


def test_a_stop_leaves_time_to_drain() -> None:
    """A node drains within 10 s; the engine must not kill it before."""
    for service in OURS:
        assert int(SERVICES[service]["stop_grace_period"].removesuffix("s")) > 10
