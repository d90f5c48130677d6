"""Processes of the chat: started as anybody starts them, and ended in every way there is."""

from __future__ import annotations

import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar
from urllib.error import URLError
from urllib.request import urlopen

import psutil

from chatapp.settings import FAILPOINTS

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 30.0
STOP_SECONDS = 10.0  # what SIGTERM may take
_OPEN = re.compile(r"The chat is open: http://127\.0\.0\.1:(\d+)")
_SETTING = re.compile(r"HOST|PORT|DATABASE_URL|REDIS_URL|SECRET_KEY|CHAT_\w+")

T = TypeVar("T")


class NotSo(Exception):
    """What a scenario stands on did not come about; the message says what."""


def until(ask: Callable[[], T], seconds: float, what: str, pause: float = 0.01) -> T:
    """What ``ask`` gives, once that is true; raises ``NotSo``."""
    ends_at = time.monotonic() + seconds
    while not (answer := ask()):
        if time.monotonic() > ends_at:
            raise NotSo(f"{what}: not within {seconds:g} s")
        time.sleep(pause)
    return answer


class DidNotStart(NotSo):
    """A node that ended before it took connections; the message is what it printed."""


class Process:
    """One process of the chat, in a folder of its own."""

    def __init__(self, folder: Path, command: list[str], settings: dict[str, str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.settings = settings
        self.armory = folder / "failpoints"
        self.armory.mkdir(exist_ok=True)
        self._command = command
        self._log = folder / "output.log"
        self._process: subprocess.Popen[bytes] | None = None

    def spawn(self, **settings: str) -> None:
        self._clear_away()
        environment = {name: value for name, value in os.environ.items() if not _SETTING.fullmatch(name)}
        environment |= {
            "CHAT_DATA_DIR": str(self.folder),
            "CHAT_LOG_LEVEL": "WARNING",
            "CHAT_RATE_LIMITS": "off",
            "PYTHONUNBUFFERED": "1",
            FAILPOINTS: str(self.armory),
        }
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=environment | self.settings | settings,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # so that what it leaves behind can be found
            )

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def output(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    @property
    def resident_bytes(self) -> int:
        return int(psutil.Process(self.pid).memory_info().rss)

    def kill(self) -> None:
        """Crash it. It may be frozen, or gone already."""
        self.signal(signal.SIGKILL)
        self.wait()

    def stop(self) -> float:
        """Ask it to end; the seconds it took."""
        began_at = time.monotonic()
        self.signal(signal.SIGTERM)
        self.wait()
        return time.monotonic() - began_at

    def freeze(self) -> None:
        self.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.signal(signal.SIGCONT)

    def signal(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def wait(self, seconds: float = STOP_SECONDS) -> int:
        assert self._process is not None
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise NotSo(f"it has not ended within {seconds:g} s") from None

    def end(self) -> None:
        """Whatever state it is in."""
        if self.is_running:
            self.kill()
        self._clear_away()

    def _clear_away(self) -> None:
        """End what a crash has left running: a worker's beat is a process of its own, and outlives it."""
        if self._process is not None and not self.is_running:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process = None

    def limit_files(self, size: int) -> None:
        """No file may grow beyond this any more; -1: as large as it likes."""
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (size, -1))

    def leave_descriptors(self, number: int) -> None:
        """It may open no more than so many from now on."""
        limit = psutil.Process(self.pid).num_fds() + number
        resource.prlimit(self.pid, resource.RLIMIT_NOFILE, (limit, limit))

    # --- failpoints -----------------------------------------------------------------------------

    def arm(self, point: str, action: str) -> None:
        draft = self.armory / f"draft-{point}"
        draft.write_text(action)
        draft.rename(self.armory / point)

    def has_bitten(self, point: str) -> bool:
        return not (self.armory / point).exists()

    def disarm(self, point: str) -> None:
        with suppress(FileNotFoundError):
            (self.armory / point).unlink()


class Node(Process):
    """A web node. It keeps its port over a restart."""

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        super().__init__(folder, [sys.executable, "-m", "faults.node"], settings)
        self.port = 0
        self.node_id = ""  # as it was last known

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> float:
        """Back when it takes connections; the seconds it took."""
        began_at = time.monotonic()
        printed_before = len(self.output)
        self.spawn(PORT=str(self.port))

        def port() -> int:
            if not self.is_running:
                raise DidNotStart(self.output[printed_before:][-2000:])
            found = _OPEN.search(self.output, printed_before)
            return int(found[1]) if found else 0

        self.port = until(port, START_SECONDS, "the start of a node")
        return time.monotonic() - began_at

    def metrics(self) -> dict[str, float]:
        """Every line of ``/metrics``, by its name and labels; empty when it does not answer."""
        try:
            with urlopen(f"{self.url}/metrics", timeout=5) as response:
                lines = response.read().decode().splitlines()
        except (URLError, OSError):
            return {}
        pairs = (line.rpartition(" ") for line in lines if not line.startswith("#"))
        return {name: float(value) for name, _, value in pairs}

    def tally(self) -> dict[str, int]:
        """How many reads of the log its database has answered so far."""
        self.arm("tally", "")
        told = self.armory / "told"
        until(told.exists, 5, "a count of statements")
        reads = int(told.read_text())
        told.unlink()
        return {"reads": reads}

    def gap_fills(self) -> int:
        """How often its people were told from the log what nobody else had told them."""
        return int(self.metrics().get("chat_gap_fills_total", 0))

    def drops(self, reason: str) -> int:
        """How often rooms were dropped for this reason since it started."""
        return int(self.metrics().get(f'chat_drops_total{{reason="{reason}"}}', 0))
