"""Web nodes as they really run: processes on free ports, each over a folder of its own.

What a node prints goes to a file, is shown beside a failure, and may never hold a traceback: the
test in which one appears fails, even if everything it asked for came true.
"""

from __future__ import annotations

import json
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.request import Request, urlopen

from tests.forked import ROOT, Forked

__all__ = ["ROOT", "Nodes", "RunningNode", "until"]

START_SECONDS = 20
STOP_SECONDS = 10  # what SIGTERM may take
_OPEN = re.compile(r"The chat is open: (http://\S+)")
# What the library below says about origins and packets it refuses is no complaint.
_COMPLAINT = re.compile(
    r'Traceback|"level": "(?:error|critical)", "logger": "(?!chatapp.gateway.wire.engine.library)'
)
_SETTING = re.compile(r"HOST|PORT|DATABASE_URL|REDIS_URL|SECRET_KEY|CHAT_\w+")

T = TypeVar("T")


def until(ask: Callable[[], T], seconds: float = 10, pause: float = 0.01) -> T:
    """What ``ask`` gives, once that is true."""
    ends_at = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < ends_at, f"in {seconds} s it did not come true; the last answer: {answer!r}"
        time.sleep(pause)
    return answer


class RunningNode:
    """A web node, started as a person would start it. It keeps its port over a restart."""

    def __init__(self, folder: Path, program: str, settings: dict[str, str]) -> None:
        self.folder = folder
        self._program = program
        self.url = ""
        self.settings = settings
        self._log = folder / "node.log"
        self._looked_at = 0
        self._process: Forked | None = None

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    @property
    def database(self) -> Path:
        return self.folder / "chat.db"

    @property
    def output(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        printed_before = len(self.output)
        self._spawn()

        def address() -> str | None:
            assert self.is_running, f"the node has not started:\n{self.output[printed_before:]}"
            found = _OPEN.search(self.output, printed_before)
            return found[1] if found else None

        self.url = until(address, START_SECONDS) or ""

    def start_in_vain(self) -> tuple[int, str]:
        """Start what must refuse to: its exit code and what it printed."""
        printed_before = len(self.output)
        try:
            code = self._spawn().wait(START_SECONDS)
        finally:
            self.end()  # one that did not refuse would outlive the tests
        return code, self.output[printed_before:]

    def stop(self) -> float:
        """SIGTERM, and the seconds it took; it must be the clean end."""
        began_at = time.monotonic()
        self.signal(signal.SIGTERM)
        assert self._ended(STOP_SECONDS) == 0
        return time.monotonic() - began_at

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        self._ended(STOP_SECONDS)

    def restart(self) -> None:
        self.stop()
        self.start()

    def exit_code(self) -> int:
        """Wait for the end, as long as SIGTERM may take."""
        return self._ended(STOP_SECONDS)

    def signal(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def end(self) -> None:
        """Whatever state it is in."""
        if self.is_running:
            self.kill()

    def new_complaints(self) -> str:
        """The tracebacks and errors printed since it was last asked."""
        fresh = self.output[self._looked_at :]
        self._looked_at += len(fresh)
        return "\n".join(line for line in fresh.splitlines() if _COMPLAINT.search(line))

    def get(self, path: str, headers: dict[str, str] | None = None) -> bytes:
        with urlopen(Request(self.url + path, headers=headers or {}), timeout=10) as response:
            body: bytes = response.read()
        return body

    def metric(self, name: str) -> float:
        """A metric without labels, by its whole name."""
        for line in self.get("/metrics").decode().splitlines():
            if line.startswith(name + " "):
                return float(line.split()[1])
        raise AssertionError(f"there is no metric {name}")

    def sign_in(self, name: str) -> dict[str, Any]:
        """A new guest: ``{token, expires_at, user: {id, name}}``."""
        request = Request(
            self.url + "/api/session",
            data=json.dumps({"name": name}).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urlopen(request, timeout=10) as response:
            signed_in: dict[str, Any] = json.load(response)
        return signed_in

    def _spawn(self) -> Forked:
        assert not self.is_running
        environment = {name: value for name, value in os.environ.items() if not _SETTING.fullmatch(name)}
        environment |= {"CHAT_DATA_DIR": str(self.folder), "PORT": "0", "PYTHONUNBUFFERED": "1"}
        # It listens on this machine only, and some clients here know it by another name.
        environment["CHAT_PUBLIC_URL"] = "http://chat.example"
        environment |= self.settings
        if self.url:
            environment["PORT"] = str(self.port)
        self._process = Forked([self._program], environment, self._log)
        return self._process

    def _ended(self, seconds: float) -> int:
        assert self._process is not None
        return self._process.wait(seconds)


class Nodes:
    """Starts nodes, and knows those that a test has to answer for.

    ``program`` is a module that runs ``app``, with a twist: it may be another one for a single node.
    """

    def __init__(self, new_folder: Callable[[], Path], program: str = "app") -> None:
        self._new_folder = new_folder
        self._program = program
        self._known: list[RunningNode] = []

    def prepared(self, *, program: str | None = None, **settings: str) -> RunningNode:
        """One that does not run yet."""
        node = RunningNode(self._new_folder(), program or self._program, settings)
        self._known.append(node)
        return node

    def answer_for(self, node: RunningNode) -> None:
        """It runs on from an earlier test, or again."""
        if node not in self._known:
            self._known.append(node)

    @contextmanager
    def running(self, *, program: str | None = None, **settings: str) -> Iterator[RunningNode]:
        node = self.prepared(program=program, **settings)
        try:
            node.start()
            yield node
        finally:
            node.end()

    def new_complaints(self) -> str:
        complaints = "\n".join(filter(None, [node.new_complaints() for node in self._known]))
        self._known = [node for node in self._known if node.is_running]
        return complaints

    def outputs(self) -> list[tuple[str, str]]:
        return [(node.folder.name, node.output[-20_000:]) for node in self._known]
