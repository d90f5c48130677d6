"""Files for those who read slowly, and while what holds their bytes is away."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest

from chatapp.factory import check_files
from chatapp.files.objects import open_objects
from chatapp.files.place import claim
from chatapp.settings import Settings
from tests.running import Nodes, RunningNode, until
from tests.s3_servers import S3Server, as_environment, s3_server
from tests.served_files import ServedFiles

__all__ = ["s3_server"]

BYTES = bytes(range(256)) * 65_536  # 16 MiB
SLOW = 60


@pytest.fixture(scope="module")
def node(nodes: Nodes) -> Iterator[RunningNode]:
    with nodes.running(CHAT_RATE_LIMITS="off") as node:
        yield node


@pytest.fixture(scope="module")
def ana(node: RunningNode) -> dict[str, Any]:
    return node.sign_in("Ana")


@pytest.fixture(scope="module")
def film(node: RunningNode, ana: dict[str, Any]) -> Iterator[str]:
    files = ServedFiles(f"sqlite:///{node.database}", open_objects(None, node.folder))
    yield files.put(BYTES, user_id=ana["user"]["id"], type="text/plain")
    files.close()


def asks(stack: ExitStack, node: RunningNode, token: str, path: str) -> socket.socket:
    """Somebody who has room for little, and does not read on."""
    client = stack.enter_context(socket.socket())
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    client.settimeout(20)
    client.connect(("127.0.0.1", node.port))
    head = [
        f"GET {path} HTTP/1.1",
        "Host: chat.example",
        f"Authorization: Bearer {token}",
        "Connection: close",
    ]
    client.sendall("\r\n".join([*head, "", ""]).encode())
    return client


def test_those_who_do_not_read_cost_no_memory_and_others_go_on(
    node: RunningNode, ana: dict[str, Any], film: str
) -> None:
    def memory() -> float:
        return node.metric("process_resident_memory_bytes") / 2**20

    bearer = {"Authorization": f"Bearer {ana['token']}"}
    assert node.get(f"/files/{film}", bearer) == BYTES  # what the node keeps for all is there
    before = memory()
    with ExitStack() as stack:
        slow = [asks(stack, node, ana["token"], f"/files/{film}") for _ in range(SLOW)]
        until(lambda: node.metric("chat_http_unread") == SLOW)

        assert node.get(f"/files/{film}", bearer) == BYTES
        assert memory() - before < 24
        assert (
            node.metric("chat_backlog_bytes") == 0
        )  # those are made for one, and cut when they are too many

        head, _, body = b"".join(iter(lambda: slow[0].recv(65_536), b"")).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200")
        assert body == BYTES
    until(lambda: node.metric("chat_http_unread") == 0)


@pytest.mark.slow
def test_while_the_store_is_away_files_are_refused_and_come_back_with_it(
    nodes: Nodes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    server = S3Server(tmp_path_factory.mktemp("s3"))
    try:
        server.start()
        with nodes.running(**server.settings) as node:
            ana = node.sign_in("Ana")
            bearer = {"Authorization": f"Bearer {ana['token']}"}
            files = ServedFiles(f"sqlite:///{node.database}", server.objects())
            paper, other = (files.put(b"bytes", user_id=ana["user"]["id"]) for _ in range(2))
            assert node.get(f"/files/{paper}", bearer) == b"bytes"

            server.stop()
            with pytest.raises(HTTPError) as refused:
                node.get(f"/files/{other}", bearer)
            with refused.value:
                assert refused.value.code == 503
                assert b'"storage_unavailable"' in refused.value.read()
            assert node.get("/readyz")

            server.start()
            assert node.get(f"/files/{other}", bearer) == b"bytes"
            files.close()
            said = re.findall(r'"event": "(What holds the bytes of files[^"]*)"', node.output)
            assert len(said) >= 1
            assert "cannot be used: Generic S3 error" in said[0]
    finally:
        server.stop()


# --- at the start -----------------------------------------------------------------------------


def test_a_bucket_that_says_no_keeps_a_node_from_starting_with_its_words(
    nodes: Nodes, tmp_path: Path, s3_server: S3Server
) -> None:
    code, printed = nodes.prepared(
        **{**s3_server.settings, "AWS_SECRET_ACCESS_KEY": "not-this-one"}
    ).start_in_vain()

    assert code == 1
    assert "Files cannot be kept in the bucket 's3://chat/files':" in printed
    assert "CHAT_UPLOADS=off" in printed
    assert "not-this-one" not in printed
    assert "Traceback" not in printed


def test_a_folder_that_cannot_be_one_keeps_it_from_starting(nodes: Nodes) -> None:
    node = nodes.prepared()
    (node.folder / "uploads").write_bytes(b"a file")

    code, printed = node.start_in_vain()

    assert code == 1
    assert f"Files cannot be kept in the folder '{node.folder / 'uploads'}': Not a directory." in printed


def test_files_of_another_database_keep_a_node_from_starting(nodes: Nodes) -> None:
    node = nodes.prepared()
    assert claim(open_objects(None, node.folder), "somebody else's")

    code, printed = node.start_in_vain()

    assert code == 1
    assert (
        f"Files cannot be kept in '{node.folder / 'uploads'}': what lies there belongs to another" in printed
    )
    assert f"remove '{node.folder / 'uploads' / 'owner' / 'id'}'" in printed
    assert "Traceback" not in printed


def test_a_store_that_is_away_keeps_nobody_from_starting(
    tmp_path: Path, s3_server: S3Server, caplog: pytest.LogCaptureFixture
) -> None:
    settings = settings_of(tmp_path, CHAT_UPLOADS_URL="s3://chat/files")
    with as_environment({**s3_server.settings, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}):
        check_files(settings)

    assert "what holds the bytes of files cannot be reached: Generic S3 error" in caplog.text


def test_where_files_switch_themselves_off_the_log_says_how_to_have_them(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    several = {
        "DATABASE_URL": "postgresql://chat@db/chat",
        "REDIS_URL": "redis://r/0",
        "SECRET_KEY": "k" * 40,
    }

    check_files(settings_of(tmp_path, **several))
    assert "files are switched off: there may be several nodes" in caplog.text

    caplog.clear()
    check_files(settings_of(tmp_path, **several, CHAT_UPLOADS="off"))
    assert caplog.text == ""


def settings_of(folder: Path, **environment: str) -> Settings:
    return Settings.from_environment({"CHAT_DATA_DIR": str(folder), **environment})
