"""nginx with our configuration, in front of two web nodes of paper: who meets where, and who is believed.

It needs an nginx, which no wheel brings.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from cluster.topology import TEMPLATE, filled
from tests.running import until

NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
pytestmark = pytest.mark.skipif(NGINX is None, reason="there is no nginx on this machine")


class PaperNode(ThreadingHTTPServer):
    """Answers every request with its own port and what it was sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Echo)

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        assert isinstance(self.server, PaperNode)
        body = json.dumps({"node": self.server.port, **dict(self.headers)}).encode()
        if self.headers.get("Upgrade"):
            self.send_response(101)
            self.send_header("Upgrade", "websocket")
            self.send_header("Connection", "Upgrade")
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")  # or else a thread would go on after the node's end
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


class Front:
    def __init__(self, port: int, nodes: list[PaperNode]) -> None:
        self.port, self.nodes = port, nodes

    def get(self, path: str, **headers: str) -> dict[str, Any]:
        """What the node that answered was sent; ``status`` is the answer's."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        connection.request("GET", path, headers={name.replace("_", "-"): v for name, v in headers.items()})
        response = connection.getresponse()
        body = response.read()
        connection.close()
        is_ours = response.status == 200
        return {"status": response.status, **(json.loads(body) if is_ours else {})}

    def node_of(self, path: str) -> int:
        return int(self.get(path)["node"])


@contextmanager
def fronted(folder: Path, extra: str = "") -> Iterator[Front]:
    assert NGINX is not None
    folder.chmod(0o755)
    with ExitStack() as stack, socket.socket() as probe:
        nodes = [stack.enter_context(PaperNode()) for _ in range(2)]
        for node in nodes:
            threading.Thread(target=node.serve_forever, daemon=True).start()
            stack.callback(node.shutdown)
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        servers = " ".join(f"server 127.0.0.1:{node.port} fail_timeout=2s;" for node in nodes)
        written = filled(TEMPLATE.read_text(), {"PORT": f"127.0.0.1:{port}", "NODES": servers})
        (folder / "nginx.conf").write_text(written)
        (folder / "extra").mkdir()
        (folder / "extra" / "more.conf").write_text(extra)
        command = [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"]
        process = subprocess.Popen([*command, "-g", "daemon off;"])
        stack.callback(process.wait)
        stack.callback(process.terminate)
        until(lambda: _listens(port))
        yield Front(port, nodes)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with fronted(tmp_path_factory.mktemp("nginx")) as front:
        yield front


def test_a_rooms_clients_meet_on_one_node_by_whichever_door_they_come(front: Front) -> None:
    meetings = set()
    for number in range(20):
        room = f"room-{number}"
        doors = {
            front.node_of(f"/socket.io/?EIO=4&transport=polling&room={room}"),
            front.node_of(f"/socket.io/?room={room}&EIO=4&transport=polling&sid=abc"),
            front.node_of(f"/api/chat/{room}?userId=u&username=Ana"),
            front.node_of(f"/api/rooms/{room}/events?limit=5"),
            front.node_of(f"/chat/{room}"),
        }
        assert len(doors) == 1
        meetings |= doors

    assert meetings == {node.port for node in front.nodes}, "and different rooms on different nodes"


def test_a_polling_client_without_a_room_stays_where_it_is_known(front: Front) -> None:
    assert len({front.node_of(f"/socket.io/?EIO=4&transport=polling&t={n}") for n in range(10)}) == 1


def test_a_client_cannot_choose_its_address_or_its_scheme(front: Front) -> None:
    seen = front.get("/", X_Forwarded_For="203.0.113.9", X_Forwarded_Proto="https")

    assert (seen["X-Forwarded-For"], seen["X-Forwarded-Proto"]) == ("127.0.0.1", "http")


def test_the_host_is_passed_on_as_the_browser_wrote_it(front: Front) -> None:
    """The page's origin is compared with it."""
    assert front.get("/", Host="chat.example.org:8443")["Host"] == "chat.example.org:8443"


def test_a_websocket_gets_through(front: Front) -> None:
    with socket.create_connection(("127.0.0.1", front.port), timeout=5) as client:
        client.sendall(
            b"GET /socket.io/?transport=websocket&room=lobby HTTP/1.1\r\nHost: a\r\n"
            b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
        )
        answer = b""
        while part := client.recv(65536):
            answer += part

    assert answer.startswith(b"HTTP/1.1 101 ")
    assert b'"Upgrade": "websocket"' in answer
    assert b'"Connection": "upgrade"' in answer


def test_the_nodes_figures_are_not_for_the_world(front: Front) -> None:
    assert front.get("/metrics")["status"] == 404
    assert front.get("/readyz")["status"] == 200


def test_the_rooms_of_a_lost_node_go_to_the_other(tmp_path: Path) -> None:
    with fronted(tmp_path) as front:
        lost, left = front.nodes
        before = {n: front.node_of(f"/chat/{n}") for n in range(20)}
        lost.shutdown()
        lost.server_close()

        after = {n: front.node_of(f"/chat/{n}") for n in range(20)}

    assert lost.port in before.values()
    assert set(after.values()) == {left.port}


def test_a_proxy_in_front_is_believed_if_it_was_named(tmp_path: Path) -> None:
    named = "set_real_ip_from 127.0.0.1;\nreal_ip_header X-Forwarded-For;\n"
    with fronted(tmp_path, named) as front:
        seen = front.get("/", X_Forwarded_For="203.0.113.9", X_Forwarded_Proto="https")

    assert (seen["X-Forwarded-For"], seen["X-Forwarded-Proto"]) == ("203.0.113.9", "https")
