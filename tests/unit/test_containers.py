"""Containers, `make cluster` and `make run` say the same: settings, commands, no password of their own.

No container engine is needed: the files are read as text, so this can run wherever the tests do.
"""

from __future__ import annotations

import dataclasses
import re
import shlex
from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml

from chatapp.cli import run, worker
from chatapp.settings import VARIABLES, Settings
from cluster.nginx import TEMPLATE
from cluster.postgresql import SETTINGS as POSTGRESQL_SETTINGS
from cluster.seaweedfs import SeaweedFS
from cluster.topology import CELERY, NODE, Topology

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
SETTINGS = {variable.name for variable in VARIABLES}
WEB = ("web-1", "web-2")
OURS = (*WEB, "worker", "beat")
NGINX_ADDRESS = SERVICES["nginx"]["networks"]["default"]["ipv4_address"]
GIVEN = {
    "SECRET_KEY": "s" * 32,
    "POSTGRES_PASSWORD": "database-word",
    "REDIS_PASSWORD": "redis-word",
    "S3_SECRET_KEY": "s3-word",
}
OF_S3 = {"AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
PORT = 9000


@pytest.fixture
def cluster(tmp_path: Path) -> Topology:
    (tmp_path / "url").write_text("postgresql://postgres:@/postgres?host=/somewhere")
    return Topology(
        host="127.0.0.1",
        port=PORT,
        database_folder=tmp_path,
        redis_port=6379,
        s3=SeaweedFS(folder=tmp_path / "s3"),
        secret_key="s" * 32,
        folder=Path("/somewhere"),
        nginx="/usr/sbin/nginx",
    )


def in_container(command: Sequence[str]) -> str:
    """What stands in docker-compose.yml for a command of the same arguments."""
    return (
        shlex.join(command)
        .replace("-m celery ", ".venv/bin/celery ")
        .replace("app.py", ".venv/bin/python app.py")
    )


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
    assert set(SERVICES) == {"nginx", *OURS, "database", "redis", "s3"}


@pytest.mark.parametrize("service", OURS)
def test_every_variable_set_in_a_container_is_a_setting(service: str) -> None:
    of_python_itself = {"PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}

    assert set(environment_of(service)) - of_python_itself - OF_S3 <= SETTINGS


@pytest.mark.parametrize("service", OURS)
def test_a_containers_settings_are_accepted_and_mean_production(service: str) -> None:
    settings = Settings.from_environment(environment_of(service))

    assert settings.is_production
    assert settings.database_url == "postgresql+psycopg://chat:database-word@database:5432/chat"
    assert settings.broker_url == "redis://:redis-word@redis:6379/0"
    assert settings.secret_key == GIVEN["SECRET_KEY"]
    assert settings.has_uploads


@pytest.mark.parametrize("service", WEB)
def test_a_web_container_listens_where_its_health_check_and_nginx_look_for_it(service: str) -> None:
    web, settings = SERVICES[service], Settings.from_environment(environment_of(service))

    assert settings.host == "0.0.0.0"
    assert f"http://127.0.0.1:{settings.port}/readyz" in web["healthcheck"]["test"][-1]
    assert f"EXPOSE {settings.port}\n" in DOCKERFILE
    assert f"server {service}:{settings.port} " in SERVICES["nginx"]["environment"]["NODES"]


def test_only_nginx_is_reached_from_outside_and_only_its_word_is_taken() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["nginx"]
    for service in WEB:
        settings = Settings.from_environment(environment_of(service))
        assert settings.trusted_proxies == (ip_network(NGINX_ADDRESS),)


def test_addresses_that_matter_are_out_of_reach_of_those_that_are_handed_out() -> None:
    (pool,) = COMPOSE["networks"]["default"]["ipam"]["config"]
    fixed = [ip_address(SERVICES[name]["networks"]["default"]["ipv4_address"]) for name in ("nginx", *WEB)]

    assert len(set(fixed)) == 3
    assert all(address in ip_network(pool["subnet"]) for address in fixed)
    assert not any(address in ip_network(pool["ip_range"]) for address in fixed)


def test_nginx_gets_its_template_where_its_container_looks_for_one() -> None:
    nginx = SERVICES["nginx"]

    assert nginx["volumes"] == ["./cluster/nginx.conf.template:/etc/nginx/templates/nginx.conf.template:ro"]
    assert nginx["environment"]["NGINX_ENVSUBST_OUTPUT_DIR"] == "/etc/nginx"
    assert nginx["ports"] == [f"8000:{nginx['environment']['PORT']}"]
    assert set(re.findall(r"\$\{(\w+)\}", TEMPLATE.read_text())) == {"PORT", "NODES"}


def test_the_cluster_without_containers_is_the_same(cluster: Topology) -> None:
    processes = {program.name: program for program in cluster.programs()}

    assert {*processes, "database", "redis", "s3"} == set(SERVICES)
    for name in OURS:
        # The image has a folder for beat; here it is the folder of the settings.
        command = SERVICES[name]["command"].split(" --schedule ")[0]
        assert in_container(processes[name].command[1:]) == command
        settings = {**processes[name].environment}
        assert settings.keys() - {"CHAT_DATA_DIR"} == SERVICES[name]["environment"].keys()
        Settings.from_environment(settings)
    for name in WEB:
        assert processes[name].environment["CHAT_TRUSTED_PROXIES"] == "127.0.0.1"
    of_compose = re.sub(r"web-(\d):8000", r"127.0.0.1:900\1", SERVICES["nginx"]["environment"]["NODES"])
    assert of_compose in cluster.nginx_configuration()


def test_the_databases_of_both_have_the_same_settings() -> None:
    program, *given = SERVICES["database"]["command"]

    assert program == "postgres"
    assert [f"--{name}={value}" for name, value in POSTGRESQL_SETTINGS.items()] == given


def test_both_have_the_same_s3_server(cluster: Topology) -> None:
    service, program = SERVICES["s3"], cluster.s3.program()
    of_its_place = re.compile(r"-(dir|ip|ip\.bind|s3\.ip\.bind|(master|volume|filer|s3)\.port(\.grpc)?)=")

    def options(command: Sequence[str]) -> list[str]:
        return [option for option in command if not of_its_place.match(option)]

    assert options(service["command"]) == options(program.command[1:])
    assert service["environment"].keys() == program.environment.keys()
    for name in OURS:
        told = SERVICES[name]["environment"]
        assert service["environment"].items() <= told.items()
        assert told["CHAT_UPLOADS_URL"] == cluster.s3.settings["CHAT_UPLOADS_URL"]
        assert told["AWS_ENDPOINT_URL"] == "http://s3:8333"
    assert "-s3.port=8333" in service["command"]
    assert "-ip.bind=127.0.0.1" in service["command"]


def test_a_cluster_without_nginx_trusts_no_proxy_and_lets_clients_choose_a_node(cluster: Topology) -> None:
    bare = dataclasses.replace(cluster, nginx=None, host="0.0.0.0")
    processes = {program.name: program for program in bare.programs()}

    assert processes.keys() == set(OURS)
    assert bare.entrance is None
    assert bare.addresses == ["0.0.0.0:9001", "0.0.0.0:9002"]
    assert [processes[name].environment["CHAT_TRUSTED_PROXIES"] for name in WEB] == ["", ""]
    assert [processes[name].environment["HOST"] for name in WEB] == ["0.0.0.0"] * 2


def test_containers_start_what_make_run_starts() -> None:
    """Except that beat, inside the one worker at home, is a container beside any number of them."""
    image_command = re.search(r"^CMD \[(.+)\]$", DOCKERFILE, re.MULTILINE)

    assert run.NODE == ("node",)
    assert "node.main(" in (ROOT / "app.py").read_text()
    assert image_command is not None
    assert [SERVICES[name]["command"] for name in WEB] == [in_container(NODE)] * 2
    assert re.findall(r'"([^"]+)"', image_command[1]) == in_container(NODE).split()
    assert run.WORKER == ("worker", "--beat")
    assert SERVICES["worker"]["command"] == in_container((*CELERY, "worker", *worker.ARGUMENTS))
    assert SERVICES["beat"]["command"].startswith(".venv/bin/celery --quiet --app celery_worker beat ")


def test_exactly_one_process_plays_beat() -> None:
    commands = [SERVICES[service]["command"] for service in OURS]

    assert sum(bool(re.search(r" beat | --beat", command)) for command in commands) == 1
    assert run.WORKER.count("--beat") == 1


def test_no_password_has_a_default() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    substitutions = re.findall(r"(?<!\$)\$\{(\w+)([^}]*)\}", text)

    assert {name for name, _ in substitutions} == set(GIVEN)
    assert all(rest.startswith(":?") for _, rest in substitutions)
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            is_address = re.fullmatch(r"s3://\w+/\w+|http://\w+:\d+", value)  # with nobody's password in it
            assert "${" in value or is_address or not re.search("PASSWORD|SECRET|_URL", name)
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


def test_the_image_makes_the_bundles_and_brings_them() -> None:
    page, final = DOCKERFILE.partition("FROM python")[0], final_stage()

    assert page.index("npm ci") < page.index("COPY static ") < page.index("RUN node bundle.js")
    assert final.index("COPY . .") < final.index("COPY --from=page /build/static/dist static/dist")
    assert {"!bundle.js", "!static", "static/dist"} <= {*(ROOT / ".dockerignore").read_text().splitlines()}


def test_the_image_brings_byte_code_which_nobody_in_it_could_write() -> None:
    final = final_stage()

    assert final.index("COPY . .") < final.index("RUN .venv/bin/python -m compileall") < final.index("USER ")


@pytest.mark.parametrize("service", SERVICES)
def test_every_container_is_watched_and_comes_back(service: str) -> None:
    assert SERVICES[service]["healthcheck"]["test"]
    assert SERVICES[service]["restart"] == "unless-stopped"


@pytest.mark.parametrize("service", ["nginx", *OURS])
def test_nothing_starts_before_what_it_needs_is_healthy(service: str) -> None:
    waits_for = SERVICES[service]["depends_on"]
    needs = {"nginx": {*WEB}, "worker": {"web-1"}, "beat": {"web-1"}}

    assert set(waits_for) == needs.get(service, {"database", "redis", "s3"})
    assert all(wait == {"condition": "service_healthy"} for wait in waits_for.values())


def test_what_must_outlive_a_container_lies_in_a_declared_volume() -> None:
    mounts = [mount for service in SERVICES.values() for mount in service.get("volumes", [])]

    assert {mount.split(":")[0] for mount in mounts if mount[0] != "."} == set(COMPOSE["volumes"])
    assert f"beat:{image_environment()['CHAT_DATA_DIR']}" in mounts


def test_a_stop_leaves_time_to_drain() -> None:
    """A node drains within 10 s; the engine must not kill it before."""
    for service in OURS:
        assert int(SERVICES[service]["stop_grace_period"].removesuffix("s")) > 10
