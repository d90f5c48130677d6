"""What holds the bytes accepts and does not answer: nobody waits for ever, and all else goes on."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from select import select
from typing import Any
from urllib.parse import urlsplit

import pytest

from chatapp.files.threaded import ANSWER_SECONDS
from tests.running import Nodes, RunningNode, until
from tests.s3_servers import S3Server
from tests.served_files import ServedFiles
from tests.uploading import Uploader, metadata

pytestmark = pytest.mark.slow

CROWD = 60
PAPER = b"a paper of some length " * 100


class Frozen:
    """A node whose store has frozen, with files that it has not fetched yet."""

    def __init__(self, node: RunningNode, server: S3Server) -> None:
        self.node, self.server = node, server
        self.ana = node.sign_in("Ana")
        files = ServedFiles(f"sqlite:///{node.database}", server.objects())
        user_id = self.ana["user"]["id"]
        self.files = [files.put(b"bytes %d" % n, user_id=user_id, type="text/plain") for n in range(CROWD)]
        files.close()
        self.uploader = Uploader(node.url, self.ana["token"])
        server.freeze()

    def ask_for(self, stack: ExitStack, upload_id: str) -> socket.socket:
        client = stack.enter_context(socket.create_connection(("127.0.0.1", self.node.port)))
        client.settimeout(ANSWER_SECONDS + 10)
        lines = [
            f"GET /files/{upload_id} HTTP/1.1",
            "Host: chat.example",
            f"Authorization: Bearer {self.ana['token']}",
            "Connection: close",
        ]
        client.sendall("\r\n".join([*lines, "", ""]).encode())
        return client

    def say(self, content: str) -> Any:
        return self.uploader.send(
            "POST",
            "/api/rooms/lobby/messages",
            json.dumps({"content": content}),
            {"Content-Type": "application/json", "Idempotency-Key": content},
        )


@pytest.fixture
def frozen(nodes: Nodes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Frozen]:
    server = S3Server(tmp_path_factory.mktemp("s3"))
    try:
        server.start()
        with nodes.running(**server.settings, CHAT_RATE_LIMITS="off") as node:
            yield Frozen(node, server)
            server.thaw()
    finally:
        server.stop()


def test_a_store_that_freezes_holds_up_nothing_but_bytes(frozen: Frozen) -> None:
    node = frozen.node
    with ExitStack() as stack:
        began = time.monotonic()
        crowd = [frozen.ask_for(stack, upload_id) for upload_id in frozen.files]

        for number in range(5):  # what the database alone knows
            assert frozen.uploader.ask("HEAD", f"/files/{frozen.files[0]}").status == 200
            assert frozen.uploader.ask("GET", f"/api/uploads/{frozen.files[0]}").json["state"] == "ready"
            assert frozen.say(f"message-{number}").status == 200
            assert node.get("/readyz")
            assert select(crowd, [], [], 0)[0] == [], "who waits for bytes waits still"

        for client in crowd:
            head = client.recv(65_536)
            assert head.startswith(b"HTTP/1.1 503"), head[:200]
        assert time.monotonic() - began < 2 * ANSWER_SECONDS, "none waits for another's time to be over"

    frozen.server.thaw()
    bearer = {"Authorization": f"Bearer {frozen.ana['token']}"}
    until(lambda: _loads(node, frozen.files[-1], bearer), 20)
    assert frozen.say("thawed").status == 200


def test_who_uploads_meanwhile_is_told_to_ask_again_and_goes_on_from_what_there_is(frozen: Frozen) -> None:
    uploader = frozen.uploader
    begun = uploader.begin(len(PAPER), **metadata(filename="paper.txt"))
    assert begun.status == 201
    path = urlsplit(begun.headers["location"]).path

    began = time.monotonic()
    refused = uploader.patch(path, 0, PAPER)
    assert (refused.status, refused.code) == (503, "storage_unavailable")
    assert time.monotonic() - began < ANSWER_SECONDS
    assert uploader.offset(path) == 0
    assert frozen.say("meanwhile").status == 200

    frozen.server.thaw()
    until(lambda: uploader.patch(path, 0, PAPER).status == 204, 20)
    assert uploader.status(path)["state"] == "ready"


def test_of_many_who_upload_meanwhile_each_is_told_to_ask_again(frozen: Frozen) -> None:
    """Two pieces are stored at once: whoever comes behind those that hang waits for none of them."""
    names = [f"Sender {number}" for number in range(6)]
    senders = [Uploader(frozen.node.url, frozen.node.sign_in(name)["token"]) for name in names]
    paths = [urlsplit(each.begin(len(PAPER)).headers["location"]).path for each in senders]

    with ThreadPoolExecutor(len(senders)) as threads:  # each of them waits for 20 s at most
        refused = list(threads.map(lambda each, path: each.patch(path, 0, PAPER), senders, paths))

    assert {(each.status, each.code) for each in refused} == {(503, "storage_unavailable")}
    assert all(each.json["error"]["retryable"] for each in refused)
    frozen.server.thaw()
    for sender, path in zip(senders, paths, strict=True):
        until(partial(_is_whole, sender, path), 20)


def _is_whole(sender: Uploader, path: str) -> bool:
    """Its piece may have been stored after all."""
    sender.patch(path, 0, PAPER)
    return sender.offset(path) == len(PAPER)


def _loads(node: RunningNode, upload_id: str, bearer: dict[str, str]) -> bool:
    try:
        return node.get(f"/files/{upload_id}", bearer) == b"bytes %d" % (CROWD - 1)
    except OSError:
        return False
