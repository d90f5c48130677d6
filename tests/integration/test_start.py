"""A node that cannot start says why in one sentence, and nothing else."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from cluster.databases import free_port
from tests import forked
from tests.forked import NODES, ROOT
from tests.running import until

SECRET = "0123456789abcdef0123456789abcdef"


def environment(data_dir: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "CHAT_DATA_DIR": str(data_dir), "PORT": "0"}


def start(data_dir: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run ``app`` to its end, which must come by itself."""
    return forked.run(["app"], environment(data_dir) | environ, warm=NODES)


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        pytest.param(
            {"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/chat", "SECRET_KEY": SECRET},
            "The database cannot be used: ",
            id="no PostgreSQL there",
        ),
        pytest.param({"PORT": "99999"}, "PORT '99999' is not accepted: ", id="nonsense"),
        pytest.param({"HOST": "192.0.2.1"}, "Cannot listen on 192.0.2.1", id="not our address"),
    ],
)
def test_what_cannot_work_is_refused_with_a_sentence(
    tmp_path: Path, environ: dict[str, str], sentence: str
) -> None:
    ended = start(tmp_path, **environ)

    assert ended.returncode == 1
    assert ended.stderr.startswith(sentence)
    assert ended.stderr.count("\n") == 1


def test_a_file_that_is_no_database_is_refused_with_a_sentence_and_left_alone(tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear Ana, this is not a database, it is a letter.")

    ended = subprocess.run(  # as a person starts it: from nothing
        [sys.executable, "app.py"],
        cwd=ROOT,
        env=environment(tmp_path) | {"DATABASE_URL": f"sqlite:///{letter}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ended.returncode == 1
    assert ended.stderr == "The database cannot be used: file is not a database.\n"
    assert letter.read_text().startswith("Dear Ana")


WITHOUT_BUNDLES = """
import sys
from pathlib import Path
from chatapp import places
places.STATIC = Path(sys.argv[1])
from chatapp.cli import node
sys.exit(node.main([], "chat node"))
"""


def test_without_bundles_it_is_refused_with_a_sentence_and_no_database_is_upgraded(tmp_path: Path) -> None:
    static, data_dir = tmp_path / "static", tmp_path / "data"
    static.mkdir()

    ended = subprocess.run(
        [sys.executable, "-c", WITHOUT_BUNDLES, str(static)],
        cwd=ROOT,
        env=environment(data_dir),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ended.returncode == 1
    assert ended.stderr.endswith("is not there: `make setup` makes the page's bundles.\n")
    assert ended.stderr.count("\n") == 1
    assert not (data_dir / "chat.db").exists()


def test_a_taken_port_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        ended = start(tmp_path, PORT=str(other.getsockname()[1]))

    assert ended.returncode == 1
    assert ended.stderr.startswith("Cannot listen on 127.0.0.1 port ")


def test_a_node_whose_output_nobody_reads_goes_on(tmp_path: Path) -> None:
    """Each refused request is a line at this level; a hundred are more than the pipe holds."""
    port = free_port()
    node = subprocess.Popen(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env=environment(tmp_path) | {"PORT": str(port), "CHAT_LOG_LEVEL": "DEBUG"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pipesize=4096,
    )
    with node:
        try:
            until(lambda: status(f"http://127.0.0.1:{port}/readyz") == 200, 20, pause=0.1)

            assert all(status(f"http://127.0.0.1:{port}/nosuch") == 404 for _ in range(100))
            node.terminate()
            until(lambda: node.poll() is not None)
            assert node.returncode == 0
        finally:
            node.kill()


def status(url: str) -> int:
    try:
        with urlopen(url, timeout=3) as answer:
            return int(answer.status)
    except HTTPError as refusal:
        return refusal.code
    except OSError:
        return 0
