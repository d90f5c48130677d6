"""Files by a client that others have written, the one of pages: over breaks, kills, and from node to node."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from chatapp.files.folder import FolderObjects
from chatapp.store.database.engine import open_database
from chatapp.store.uploads.uploads import Uploads
from cluster.databases import free_port
from cluster.nginx import TEMPLATE, filled
from faults.front import running_nginx
from tests.nginx import needs_nginx
from tests.redis_servers import RedisServer
from tests.running import ROOT, Nodes, RunningNode, until
from tests.uploading import Uploader

MIB = 1 << 20
SIZE = 3 * MIB + 12_345
FILE = bytes((n * 31 + (n >> 8)) & 255 for n in range(SIZE))


class PageClient:
    """The program beside this one, and what it has printed so far."""

    def __init__(self, node_url: str, token: str, **more: Any) -> None:
        self._process = subprocess.Popen(
            ["node", "tests/uploading.mjs"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        told = {"endpoint": f"{node_url}/api/rooms/lobby/uploads", "token": token, "size": SIZE, "chunk": MIB}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(told | {"metadata": {"filename": "data.bin"}} | more))
        self._process.stdin.close()

    def says(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())

    def said_to_the_end(self) -> list[Any]:
        assert self._process.stdout is not None
        return [json.loads(line) for line in self._process.stdout]

    def end(self) -> None:
        with suppress(ProcessLookupError):
            self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


@contextmanager
def page_client(node: RunningNode, token: str, **more: Any) -> Iterator[PageClient]:
    client = PageClient(node.url, token, **more)
    try:
        yield client
    finally:
        client.end()


@contextmanager
def running(node: RunningNode) -> Iterator[None]:
    try:
        node.start()
        yield
    finally:
        node.end()


def stored(database_url: str, folder: Path, path: str) -> bytes:
    database = open_database(database_url)
    try:
        row = Uploads(database).get(path.rpartition("/")[2])
    finally:
        database.close()
    assert row is not None
    objects = FolderObjects(folder / "uploads")
    return b"".join(objects.get(part.name) for part in row.parts)


@pytest.mark.parametrize(
    "how",
    [{"chunk": MIB}, {"chunk": 10 * MIB, "atOnce": True}, {"chunk": 700_000, "override": True}],
    ids=["in pieces", "in one request", "by POST"],
)
def test_it_sends_a_file(nodes: Nodes, how: dict[str, Any]) -> None:
    with (
        nodes.running(CHAT_RATE_LIMITS="off") as node,
        page_client(node, node.sign_in("Ana")["token"], **how) as client,
    ):
        url = client.says()["url"]
        said = client.said_to_the_end()

        assert said[-1] == "done", said
        assert stored(f"sqlite:///{node.database}", node.folder, url) == FILE


@pytest.mark.slow
def test_it_goes_on_by_itself_when_the_node_was_killed(nodes: Nodes) -> None:
    with (
        nodes.running(CHAT_RATE_LIMITS="off") as node,
        page_client(node, node.sign_in("Ana")["token"], chunk=300_000) as client,
    ):
        url = client.says()["url"]
        until(lambda: "accepted" in client.says())
        node.kill()
        node.start()
        said = client.said_to_the_end()

        assert said[-1] == "done", said
        assert stored(f"sqlite:///{node.database}", node.folder, url) == FILE


@pytest.mark.slow
def test_a_file_goes_on_at_another_node(nodes: Nodes, postgresql_url: str, valkey: RedisServer) -> None:
    """Killed in the middle of a piece at one, it goes on at the other from where that had got to."""
    common = {
        "DATABASE_URL": postgresql_url,
        "REDIS_URL": valkey.url,
        "SECRET_KEY": "the same secret at both of these nodes",
        "CHAT_UPLOADS_SHARED": "yes",
        "CHAT_RATE_LIMITS": "off",
    }
    first, second = nodes.prepared(**common), nodes.prepared(**common)
    (first.folder / "uploads").mkdir(mode=0o700)
    (second.folder / "uploads").symlink_to(first.folder / "uploads")
    with running(first), running(second):
        token = first.sign_in("Ana")["token"]
        here, there = Uploader(first.url, token), Uploader(second.url, token)
        path = here.begin(SIZE).headers["location"]
        assert there.patch(path, 0, FILE[:MIB]).offset == MIB
        here.break_off(path, MIB, SIZE - MIB, FILE[MIB : 2 * MIB + 99])
        until(lambda: there.offset(path) == 2 * MIB + 99)
        first.kill()

        assert there.patch(path, 2 * MIB + 99, FILE[2 * MIB + 99 :]).offset == SIZE
        assert stored(postgresql_url, second.folder, path) == FILE


@pytest.mark.slow
def test_a_node_that_stops_keeps_what_has_come(nodes: Nodes) -> None:
    with nodes.running(CHAT_RATE_LIMITS="off") as node:
        ana = Uploader(node.url, node.sign_in("Ana")["token"])
        path = ana.begin(SIZE).headers["location"]
        with ana.raw() as connection:
            connection.sendall(ana.head(path, 0, f"Content-Length: {SIZE}") + FILE[: MIB + 99])
            until(lambda: ana.offset(path) == MIB)
            node.stop()
        node.start()

        assert ana.offset(path) == MIB + 99
        assert ana.patch(path, MIB + 99, FILE[MIB + 99 :]).offset == SIZE
        assert stored(f"sqlite:///{node.database}", node.folder, path) == FILE


@needs_nginx
@pytest.mark.slow
def test_what_breaks_off_before_nginx_has_come_to_the_node(nodes: Nodes, tmp_path: Path) -> None:
    """It hands the bytes on as they come, and a refusal back before they have."""
    port = free_port()
    (tmp_path / "extra").mkdir()
    with nodes.running(CHAT_TRUSTED_PROXIES="127.0.0.1", CHAT_RATE_LIMITS="off") as node:
        servers = f"server 127.0.0.1:{node.port};"
        configuration = filled(TEMPLATE.read_text(), {"PORT": f"127.0.0.1:{port}", "NODES": servers})
        with running_nginx(tmp_path, configuration, port):
            ana = Uploader(f"http://127.0.0.1:{port}", node.sign_in("Ana")["token"])
            path = ana.begin(SIZE).headers["location"]
            with ana.raw() as connection:
                connection.sendall(ana.head(path, 0, f"Content-Length: {SIZE}") + FILE[: 2 * MIB + 99])
                # What nginx had not handed on when its client went, nobody has.
                until(lambda: ana.offset(path) == 2 * MIB)
            until(lambda: ana.offset(path) == 2 * MIB + 99)
            came = ana.offset(path)
            assert ana.patch(path, 0, FILE).code == "conflict"

            assert ana.patch(path, came, FILE[came:]).offset == SIZE
            assert stored(f"sqlite:///{node.database}", node.folder, path) == FILE
