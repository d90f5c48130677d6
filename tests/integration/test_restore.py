"""A node that goes on from a backup: whoever has seen more than the backup has is told."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from tests.running import ROOT, Nodes, RunningNode
from tests.talkers import PythonTalker

pytestmark = pytest.mark.slow


def say(talker: PythonTalker, text: str) -> None:
    assert talker.call("message", {"room": "lobby", "client_id": text, "content": text})["ok"]


def renew(node: RunningNode) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "chatapp.restore"],
        cwd=ROOT,
        env={**os.environ, "CHAT_DATA_DIR": str(node.folder)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_client_notices_that_the_log_was_restored_and_sees_what_is_there(nodes: Nodes) -> None:
    with nodes.running() as node:
        ana = PythonTalker(node.url, node.sign_in("Ana")["token"])
        ana.connect()
        ana.call("join", {"room": "lobby"})
        say(ana, "in-the-backup")
        backup = node.folder / "backup.db"
        with closing(sqlite3.connect(node.database)) as database:
            database.execute("VACUUM INTO ?", [str(backup)])
        say(ana, "seen-and-lost")
        cursor = ana.call("join", {"room": "lobby"})

        refused = renew(node)
        ana.disconnect()
        node.stop()
        shutil.copy(backup, node.database)
        renewed = renew(node)
        node.start()
        ana.connect()
        joined = ana.call("join", {"room": "lobby", "since": {"stream": cursor["stream"], "seq": 2}})
        ana.close()

    assert (refused.returncode, renewed.returncode) == (1, 0)
    assert refused.stderr == "A web node is running on this database: stop every node first.\n"
    assert renewed.stdout == "Rooms with a new stream id: 1. The nodes may be started.\n"
    assert (joined["recovered"], joined["reason"]) == (False, "stream_changed")
    assert [row["body"]["content"] for row in joined["events"]] == ["in-the-backup"]
