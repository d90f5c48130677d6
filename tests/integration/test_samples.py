"""The guide's JavaScript, run as it stands against a node that restarts and one that stands still."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from chatapp.client import ChatClient
from tests.redis_servers import RedisServer, valkey
from tests.running import ROOT, Nodes, RunningNode, until

__all__ = ["valkey"]

pytestmark = pytest.mark.slow

ROOM = "lobby"  # the sample's
FROZEN_SECONDS = 8.0  # longer than a lease: the node is declared dead meanwhile
PAUSE_SECONDS = 0.05


class Sample:
    """The JavaScript of the guide, and what it has told."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.told: list[dict[str, Any]] = []
        self.sent: list[str] = []
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def end(self) -> None:
        self._process.kill()
        self._reader.join()

    def say(self, text: str) -> None:
        self.sent.append(text)
        self.ask(send=text)

    def ask(self, **line: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()

    def rows(self) -> list[dict[str, Any]]:
        """The messages that it has, as they are to it."""
        found: list[dict[str, Any]] = self._answer("rows")
        return found

    def speak(self, seconds: float) -> None:
        """Evenly, whatever happens to the node."""
        ends_at = time.monotonic() + seconds
        while time.monotonic() < ends_at:
            self.say(f"message {len(self.sent)}")
            time.sleep(PAUSE_SECONDS)

    def is_done(self) -> bool:
        """Nothing is left of all that it was asked for until now, which it has read by then."""
        left: int = self._answer("left")
        return left == 0

    def _answer(self, name: str) -> Any:
        before = len(self._told(name))
        self.ask(**{name: True})
        until(lambda: len(self._told(name)) > before)
        return self._told(name)[-1]

    def _told(self, name: str) -> list[Any]:
        return [line[name] for line in self.told if name in line]

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.told.append(json.loads(line))


@contextmanager
def javascript_of_the_guide(node: RunningNode, folder: Path) -> Iterator[Sample]:
    guide = (ROOT / "docs" / "clients.md").read_text()
    connected, changed, files = re.findall(r"```js\n(.*?)```", guide, re.S)
    (folder / "sample.js").write_text(connected + changed + files)
    options = {"server": node.url, "token": node.sign_in("Ana")["token"], "device": "sample"}
    script = Path(__file__).parent / "node" / "sample.mjs"
    with subprocess.Popen(
        ["node", str(script), json.dumps(options), str(folder / "sample.js")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        sample = Sample(process)
        try:
            yield sample
        finally:
            sample.end()


def test_the_javascript_of_the_guide_loses_nothing_over_a_restart_and_a_freeze(
    nodes: Nodes, postgresql_url: str, valkey: RedisServer, tmp_path: Path
) -> None:
    settings = {
        "DATABASE_URL": postgresql_url,
        "REDIS_URL": valkey.url,
        "SECRET_KEY": "k" * 40,
        "CHAT_RATE_LIMITS": "off",
    }
    with (
        nodes.running(**settings) as here,
        nodes.running(**settings) as there,
        ChatClient(there.url, name="Bo") as bo,
        javascript_of_the_guide(here, tmp_path) as sample,
    ):
        bo.join(ROOM)
        sample.speak(2)
        here.restart()
        sample.speak(3)
        here.signal(signal.SIGSTOP)
        bo.send(ROOM, "the room is taken over")
        sample.speak(FROZEN_SECONDS)
        here.signal(signal.SIGCONT)
        sample.speak(5)

        until(sample.is_done, 60, pause=0.1)

        stored = contents(there)
        assert sorted(text for text in stored if text.startswith("message")) == sorted(sample.sent)
        assert [line for line in sample.told if "failed" in line or "shown" in line] == []


def test_the_javascript_of_the_guide_ends_with_the_picture_that_everybody_has(
    nodes: Nodes, tmp_path: Path
) -> None:
    with (
        nodes.running(CHAT_RATE_LIMITS="off") as node,
        ChatClient(node.url, name="Bo") as bo,
        javascript_of_the_guide(node, tmp_path) as sample,
    ):
        room = bo.join(ROOM)
        said = [bo.wait_sent(ROOM, bo.send(ROOM, f"message {n}")) for n in range(4)]
        until(lambda: len(sample.rows()) == len(said) + 1)  # it has said hello
        own = next(row["seq"] for row in sample.rows() if row["user"]["name"] == "Ana")

        sample.ask(reply=[said[0], "an answer"])
        sample.ask(react=[said[1], "👍", True])
        sample.ask(edit=[own, "Hello, all"])
        bo.wait_sent(ROOM, bo.react(ROOM, said[1], "👍"))
        bo.wait_sent(ROOM, bo.edit(ROOM, said[2], "another text"))
        until(sample.is_done, pause=0.1)
        bo.wait_for(lambda: any("quote" in row["body"] for row in room.messages))
        node.restart()
        deletions = [bo.delete(ROOM, seq) or "" for seq in (said[0], said[3])]
        bo.take_turn(room.flush)
        for deletion in deletions:
            bo.wait_sent(ROOM, deletion, 30)

        def is_the_same() -> bool:
            theirs = bo.take_turn(lambda: {row["seq"]: row["body"] for row in room.messages})
            return len(theirs) == 6 and {row["seq"]: row["body"] for row in sample.rows()} == theirs

        until(is_the_same, 20, pause=0.1)
        assert {"deleted": True, "seq": said[0]} in [row["body"].get("quote") for row in sample.rows()]
        assert stored(node) == sample.rows()


def stored(node: RunningNode) -> list[dict[str, Any]]:
    """The messages of the room, as somebody who comes now reads them."""
    token = node.sign_in("Reader")["token"]
    page = json.loads(
        node.get(f"/api/rooms/{ROOM}/events?after=0&limit=100", {"Authorization": f"Bearer {token}"})
    )
    return [event for event in page["events"] if event["type"] == "message"]


def contents(node: RunningNode) -> list[str]:
    """All that is in the room's log."""
    token, found, after = node.sign_in("Reader")["token"], [], 0
    while True:
        path = f"/api/rooms/{ROOM}/events?after={after}&limit=100"
        page = json.loads(node.get(path, {"Authorization": f"Bearer {token}"}))
        found += [event["body"]["content"] for event in page["events"]]
        if not page["more_after"]:
            return found
        after = page["to"]
