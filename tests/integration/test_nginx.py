"""nginx with our configuration, in front of two fake web nodes: who meets where, and who is believed.

It needs an nginx, which no wheel brings.
"""

from __future__ import annotations

import http.client
import json
import re
import signal
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from cluster.databases import free_port
from cluster.nginx import TEMPLATE, filled
from faults.front import running_nginx
from tests.fake_node import Apart, FakeNode, apart
from tests.nginx import needs_nginx

pytestmark = needs_nginx


class Front:
    def __init__(self, port: int, nodes: Sequence[FakeNode] = ()) -> None:
        self.port, self.nodes = port, nodes

    def get(self, path: str, **headers: str) -> dict[str, Any]:
        """What the node that answered was sent; ``status`` is the answer's."""
        return self.ask("GET", path, **headers)

    def ask(self, method: str, path: str, **headers: str) -> dict[str, Any]:
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._ask(method, path, b"{}" if method == "POST" else None, said)

    def post(self, size: int) -> dict[str, Any]:
        return self._ask("POST", "/socket.io/?sid=abc", b" " * size, {})

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> dict[str, Any]:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)) as connection:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            answer = response.read()
        is_ours = response.status == 200
        return {"status": response.status, **(json.loads(answer) if is_ours else {})}

    def node_of(self, path: str) -> int:
        return int(self.get(path)["node"])


def configuration(port: int, nodes: Sequence[FakeNode | Apart], fail_timeout: str = "2s") -> str:
    servers = " ".join(f"server 127.0.0.1:{node.port} fail_timeout={fail_timeout};" for node in nodes)
    return filled(TEMPLATE.read_text(), {"PORT": f"127.0.0.1:{port}", "NODES": servers})


@contextmanager
def fronted(folder: Path, extra: str = "") -> Iterator[Front]:
    with ExitStack() as stack:
        nodes = [stack.enter_context(FakeNode()) for _ in range(2)]
        for node in nodes:
            threading.Thread(target=node.serve_forever, daemon=True).start()
            stack.callback(node.shutdown)
        port = free_port()
        (folder / "extra").mkdir()
        (folder / "extra" / "more.conf").write_text(extra)
        stack.enter_context(running_nginx(folder, configuration(port, nodes), port))
        yield Front(port, nodes)


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


def test_a_client_cannot_choose_its_host_or_its_path(front: Front) -> None:
    said = {"X_Forwarded_Host": "a.example", "X_Forwarded_Port": "1", "X_Forwarded_Prefix": "/a"}
    seen = front.get("/", **said, Forwarded="host=a.example")

    assert not {"X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Prefix", "Forwarded"} & seen.keys()


def test_the_host_is_passed_on_as_the_browser_wrote_it(front: Front) -> None:
    """The page's origin is compared with it."""
    assert front.get("/", Host="chat.example.org:8443")["Host"] == "chat.example.org:8443"


def shake_hands(front: Front, path: str) -> bytes:
    with socket.create_connection(("127.0.0.1", front.port), timeout=PATIENCE) as client:
        client.sendall(
            f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n".encode()
        )
        answer = b""
        while part := client.recv(65536):
            answer += part
    return answer


def test_a_websocket_gets_through(front: Front) -> None:
    answer = shake_hands(front, "/socket.io/?transport=websocket&room=lobby")

    assert answer.startswith(b"HTTP/1.1 101 ")
    assert b'"Upgrade": "websocket"' in answer
    assert b'"Connection": "upgrade"' in answer
    assert b"GET /socket.io/?transport=websocket&room=lobby" in answer


def test_a_bundle_that_one_node_does_not_have_is_asked_of_the_other(front: Front) -> None:
    """While an upgrade goes from node to node, each has those of its own version."""
    one, other = front.nodes
    for lacking in front.nodes:
        lacking.lacks = "/static/dist/room-NEW.js"
        found = front.get("/static/dist/room-NEW.js")
        lacking.lacks = None
        assert (found["status"], found["node"]) == (200, (other if lacking is one else one).port)

    one.lacks = other.lacks = "/static/dist/room-OLD.js"
    assert front.get("/static/dist/room-OLD.js") == {"status": 404}
    one.lacks = other.lacks = None


def test_the_nodes_figures_are_not_for_the_world(front: Front) -> None:
    assert front.get("/metrics")["status"] == 404
    assert front.get("/readyz")["status"] == 200


def test_what_people_send_is_never_written_to_a_file(tmp_path: Path) -> None:
    """Where its files would lie nothing can be written: it would answer 500."""
    with fronted(tmp_path) as front:
        (tmp_path / "temp-body").rmdir()
        (tmp_path / "temp-body").touch()

        answers = {front.post(size)["status"] for size in (1024, 20 * 1024, 128 * 1024)}

    assert answers == {200}


@pytest.mark.parametrize("path", ["/api/rooms/lobby/uploads", "/api/uploads/abc"])
def test_a_file_goes_on_as_it_comes_and_is_never_written_to_one(tmp_path: Path, path: str) -> None:
    with fronted(tmp_path) as front:
        (tmp_path / "temp-body").rmdir()
        (tmp_path / "temp-body").touch()

        assert front._ask("POST", path, b" " * (3 << 20), {})["status"] == 200
        assert front._ask("POST", "/api/rooms/lobby/messages", b" " * (3 << 20), {})["status"] == 413


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
        said = {"X_Forwarded_Host": "a.example", "X_Forwarded_Port": "8443", "X_Forwarded_Prefix": "/talk"}
        seen = front.get("/", **said, X_Forwarded_For="203.0.113.9", X_Forwarded_Proto="wss")

    assert (seen["X-Forwarded-For"], seen["X-Forwarded-Proto"]) == ("203.0.113.9", "https")
    assert [seen[name.replace("_", "-")] for name in said] == list(said.values())


# --- a node that hangs ----------------------------------------------------------------------

SHORTENED = {
    "proxy_read_timeout 8s": "proxy_read_timeout 1s",
    "proxy_read_timeout 5s": "proxy_read_timeout 500ms",
}
OF_POLLS = {"proxy_read_timeout 75s": "proxy_read_timeout 1s"}
PATIENCE = 20  # seconds; an answer that nginx waited for as long as for a WebSocket would take 75
TELLING = {
    "auth_request /alive;": "auth_request /alive; auth_request_set $asked $upstream_addr;"
    " add_header X-Asked $asked always;"
}


@contextmanager
def frozen(folder: Path, instead: dict[str, str] = SHORTENED) -> Iterator[tuple[Front, str]]:
    """In front of two nodes of which one is stopped, and a room that belongs to it."""
    with apart() as stopped, apart() as other:
        port = free_port()
        text = configuration(port, [stopped, other], fail_timeout="1h")
        for real, other_words in (instead | TELLING).items():
            assert real in text
            text = text.replace(real, other_words)
        (folder / "extra").mkdir()
        with running_nginx(folder, text, port):
            front = Front(port)
            room = next(f"room-{n}" for n in range(99) if front.node_of(f"/chat/room-{n}") == stopped.port)
            stopped.process.send_signal(signal.SIGSTOP)
            yield front, room


@pytest.mark.parametrize(
    "path",
    ["/socket.io/?EIO=4&transport=websocket&room={}", "/api/chat/{}?userId=u&username=Ana"],
    ids=["socket.io", "plain"],
)
def test_a_websocket_to_a_frozen_node_is_opened_at_another(tmp_path: Path, path: str) -> None:
    with frozen(tmp_path) as (front, room):
        first, second = (shake_hands(front, path.format(room)) for _ in range(2))

    assert first.startswith(b"HTTP/1.1 101 ")
    assert asked(first) == 2
    assert asked(second) == 1, "nobody asks the frozen one again so soon"


def asked(answer: bytes) -> int:
    """How many nodes were asked for a sign of life until one gave it."""
    (named,) = re.findall(rb"\r\nX-Asked: ([^\r]+)\r\n", answer)
    return len(named.split(b", "))


def test_what_may_be_asked_twice_is_asked_of_another_node(tmp_path: Path) -> None:
    with frozen(tmp_path) as (front, room):
        answers = [
            front.ask("POST", f"/api/rooms/{room}/messages", Idempotency_Key="k"),
            front.ask("POST", f"/api/session?room={room}"),
            front.get(f"/chat/{room}"),
            front.get(f"/socket.io/?EIO=4&transport=polling&room={room}"),
        ]

        assert [answer["status"] for answer in answers] == [200, 200, 200, 200]


def test_what_may_not_be_asked_twice_is_not(tmp_path: Path) -> None:
    """A poll's packets; whoever sent them hears of it."""
    with frozen(tmp_path, SHORTENED | OF_POLLS) as (front, room):
        posted = front.ask("POST", f"/socket.io/?EIO=4&transport=polling&room={room}&sid=abc")

    assert posted["status"] == 504


def test_a_poll_of_somebody_known_goes_where_it_is_known(front: Front) -> None:
    path = "/socket.io/?EIO=4&transport=polling&room=lobby"

    assert front.node_of(path) == front.node_of(f"{path}&sid=abc")


def test_where_no_node_is_left_the_answer_says_so(tmp_path: Path) -> None:
    with fronted(tmp_path) as front:
        for node in front.nodes:
            node.shutdown()
            node.server_close()

        assert front.get("/socket.io/?EIO=4&transport=polling&room=lobby")["status"] == 502
