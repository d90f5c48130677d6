"""A node that goes on from a backup: whoever has seen more than the backup has is told."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from chatapp.cli.restore import BROUGHT_BACK
from tests import forked
from tests.running import Nodes, RunningNode
from tests.talkers import PythonTalker

pytestmark = pytest.mark.slow


def say(talker: PythonTalker, text: str) -> None:
    assert talker.call("message", {"room": "lobby", "client_id": text, "content": text})["ok"]


def run(program: str, node: RunningNode, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [f"chatapp.{program}", *map(str, arguments)]
    return forked.run(command, {**os.environ, "CHAT_DATA_DIR": str(node.folder)})


def test_a_client_notices_that_the_log_was_restored_and_sees_what_is_there(nodes: Nodes) -> None:
    with nodes.running() as node:
        ana = PythonTalker(node.url, node.sign_in("Ana")["token"])
        ana.connect()
        ana.call("join", {"room": "lobby"})
        say(ana, "in-the-backup")
        backup = node.folder / "backup.db"
        assert run("backup", node, backup).returncode == 0
        say(ana, "seen-and-lost")
        cursor = ana.call("join", {"room": "lobby"})

        refused = run("restore", node, backup)
        ana.disconnect()
        node.stop()
        renewed = run("restore", node, backup)
        node.start()
        ana.connect()
        joined = ana.call("join", {"room": "lobby", "since": {"stream": cursor["stream"], "seq": 2}})
        ana.close()

    assert (refused.returncode, renewed.returncode) == (1, 0)
    assert refused.stderr == "A web node is running on this database: stop every node first.\n"
    assert renewed.stdout == f"Rooms with a new stream id: 1. The nodes may be started.\n{BROUGHT_BACK}\n"
    assert (joined["recovered"], joined["reason"]) == (False, "stream_changed")
    assert [row["body"]["content"] for row in joined["events"]] == ["in-the-backup"]


def test_a_backup_is_whole_private_and_can_be_made_again(nodes: Nodes) -> None:
    with nodes.running() as node:
        ana = PythonTalker(node.url, node.sign_in("Ana")["token"])
        ana.connect()
        ana.call("join", {"room": "lobby"})
        backup = node.folder / "backup.db"
        for number in (1, 2):
            say(ana, f"message-{number}")
            made = run("backup", node, backup)

            assert (made.returncode, made.stderr) == (0, "")
            assert count(backup) == number
            assert stat.S_IMODE(backup.stat().st_mode) == 0o600
        ana.close()
    assert [file.name for file in node.folder.iterdir() if file.name.startswith(".backup")] == []


def test_no_backup_replaces_what_is_none_and_none_is_restored_from_what_is_none(nodes: Nodes) -> None:
    with nodes.running() as node:
        letter = node.folder / "letter.txt"
        letter.write_text("dear diary")
        over_a_letter = run("backup", node, letter)
        over_itself = run("backup", node, node.database)
        nowhere = run("backup", node, node.folder / "missing" / "backup.db")
    from_a_letter = run("restore", node, letter)
    from_nothing = run("restore", node, node.folder / "nothing")

    assert over_a_letter.stderr == f"{str(letter)!r} is no backup of a chat: it is left as it is.\n"
    assert over_itself.stderr == f"{str(node.database)!r} is no backup of a chat: it is left as it is.\n"
    assert nowhere.stderr.endswith("was not written: No such file or directory.\n")
    assert from_a_letter.stderr == f"{str(letter)!r} is no backup of a chat.\n"
    assert from_nothing.stderr.endswith("cannot be read: No such file or directory.\n")
    assert letter.read_text() == "dear diary"
    for refused in (over_a_letter, over_itself, nowhere, from_a_letter, from_nothing):
        assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (1, "", 1)


@pytest.mark.parametrize(
    "arguments", [["backup", "backup.db"], ["restore"], ["restore", "missing.db"], ["restore", "letter.txt"]]
)
def test_in_a_wrong_folder_nothing_is_copied_and_nothing_is_left(
    tmp_path: Path, arguments: list[str]
) -> None:
    (tmp_path / "letter.txt").write_text("dear diary")

    environment = {name: value for name, value in os.environ.items() if name != "CHAT_DATA_DIR"}
    environment |= {"DATABASE_URL": "", "REDIS_URL": ""}

    ended = forked.run(["chatapp", *arguments], environment, folder=tmp_path)

    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (1, "", 1)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def count(backup: Path) -> int:
    with closing(sqlite3.connect(backup)) as database:
        (messages,) = database.execute("SELECT count(*) FROM events").fetchone()
    return int(messages)
