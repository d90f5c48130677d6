"""Tests that are ended leave nothing running of what they have started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.running import ROOT, until

pytestmark = pytest.mark.slow

# A server that leaves its parent, one that is forked, and one of which nothing is known but its process.
WAITING = """
import json, pathlib, signal
from tests.databases import postgresql_server
from tests.redis_servers import valkey
from tests.running_fixtures import nodes

def test_waits(postgresql_server, valkey, nodes):
    with nodes.running() as node:
        postmaster = pathlib.Path(postgresql_server.partition("host=")[2], "postmaster.pid")
        pids = [int(postmaster.read_text().split()[0]), valkey._process.pid, node._process._pid]
        pathlib.Path(__file__).with_name("pids").write_text(json.dumps(pids) + "\\n")
        signal.pause()
"""


def test_sigterm_ends_the_servers_too(tmp_path: Path) -> None:
    waiting, told = tmp_path / "test_waiting.py", tmp_path / "pids"
    waiting.write_text(WAITING)
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider"]
    with (tmp_path / "log").open("w") as log:
        tests = subprocess.Popen([*command, str(waiting)], cwd=ROOT, env=os.environ, stdout=log, stderr=log)
    servers: list[psutil.Process] = []
    try:
        until(lambda: told.exists() and told.read_text().endswith("\n"), 60)
        servers = [psutil.Process(int(pid)) for pid in told.read_text().strip("[]\n").split(",")]
        for _ in range(2):  # as `timeout` does
            tests.send_signal(signal.SIGTERM)

        assert tests.wait(60) == pytest.ExitCode.INTERRUPTED, (tmp_path / "log").read_text()
        until(lambda: not any(server.is_running() for server in servers))
    finally:
        tests.kill()
        tests.wait()
        for server in filter(psutil.Process.is_running, servers):
            server.terminate()
