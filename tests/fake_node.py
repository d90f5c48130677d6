"""A fake web node: it answers every request with its own port and what it was sent.

As a program it says its port and is one, for a test that stops it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.running import ROOT


class FakeNode(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Echo)
        self.lacks: str | None = None
        """The address at which there is nothing."""

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        assert isinstance(self.server, FakeNode)
        about = {"node": self.server.port, "asked": f"{self.command} {self.path}", **dict(self.headers)}
        body = json.dumps(about).encode()
        if self.headers.get("Upgrade"):
            self.send_response(101)
            self.send_header("Upgrade", "websocket")
            self.send_header("Connection", "Upgrade")
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True
            return
        self.send_response(404 if self.path == self.server.lacks else 200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")  # or else a thread would go on after the node's end
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Nothing."""


@dataclass(frozen=True)
class Apart:
    """One in a process of its own."""

    process: subprocess.Popen[str]
    port: int


@contextmanager
def apart() -> Iterator[Apart]:
    command = [sys.executable, "-m", "tests.fake_node"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        try:
            yield Apart(process, int(process.stdout.readline()))
        finally:
            process.kill()


if __name__ == "__main__":
    node = FakeNode()
    sys.stdout.write(f"{node.port}\n")
    sys.stdout.flush()
    node.serve_forever()
