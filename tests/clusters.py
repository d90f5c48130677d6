"""`make cluster` as a person starts it: all processes, in one go, on free ports."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from tests.running import ROOT, until

START_SECONDS = 60
STOP_SECONDS = 60  # one program after the other


class Cluster:
    def __init__(self, port: int, log: Path) -> None:
        self.port = port
        self.nodes = [f"http://127.0.0.1:{port + number}" for number in (1, 2)]
        self._log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "cluster"],
                cwd=ROOT,
                env={**os.environ, "PORT": str(port), "HOST": "127.0.0.1"},
                stdout=output,
                stderr=output,
            )

    @property
    def output(self) -> str:
        return self._log.read_text(errors="replace")

    @property
    def entrance(self) -> str:
        """nginx, or a node where there is none."""
        return f"http://127.0.0.1:{self.port}" if "by nginx" in self.output else self.nodes[0]

    def pids(self, name: str) -> list[int]:
        return [
            int(pid) for pid in re.findall(rf"^{name} \| started as process (\d+)", self.output, re.MULTILINE)
        ]

    def wait_until_ready(self) -> None:
        for url in self.nodes:
            until(lambda url=url: self.process.poll() is None and is_ready(url), START_SECONDS, 0.1)  # type: ignore[misc]
        until(lambda: is_ready(self.entrance), START_SECONDS, 0.1)  # known once the nodes are: it is printed

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_SECONDS)


def is_ready(url: str) -> bool:
    try:
        with urlopen(f"{url}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (HTTPError, URLError, ConnectionError, TimeoutError):
        return False


def three_free_ports() -> int:
    """The first of them; other tests that run at the same time look elsewhere."""
    begin = 20_000 + os.getpid() % 500 * 20
    for port in range(begin, begin + 2_000, 10):
        sockets = [socket.socket() for _ in range(3)]
        try:
            for number, probe in enumerate(sockets):
                probe.bind(("127.0.0.1", port + number))
        except OSError:
            continue
        finally:
            for probe in sockets:
                probe.close()
        return port
    raise AssertionError("no three ports in a row are free")
