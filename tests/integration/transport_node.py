"""A transport server in a process of its own, and what it says about itself."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.integration.wire import Wire


class Node:
    """A running transport server, and what it says about itself."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        self.process = process
        self.port = int(process.stdout.readline())

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as response:
            body: bytes = response.read()
        return body

    def stats(self) -> dict[str, Any]:
        stats: dict[str, Any] = json.loads(self.get("/stats"))
        return stats

    def until(self, holds: Callable[[dict[str, Any]], bool], seconds: float = 10) -> dict[str, Any]:
        """Wait for a condition of the stats."""
        ends_at = time.monotonic() + seconds
        while not holds(stats := self.stats()):
            assert time.monotonic() < ends_at, stats
            time.sleep(0.01)
        return stats

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """What is sent to it in this block it finds there together when it goes on."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def nobody_left(self) -> None:
        self.until(
            lambda stats: all(
                stats[name] == 0 for name in ("connections", "sids", "entered", "environs", "eio_sockets")
            )
        )


@contextmanager
def started(**settings: float) -> Iterator[Node]:
    command = [sys.executable, "-m", "tests.integration.transport_server", json.dumps(settings)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield Node(process)
        finally:
            process.kill()


@pytest.fixture(scope="module")
def running() -> Iterator[Node]:
    with started() as node:
        yield node


@pytest.fixture
def node(running: Node) -> Iterator[Node]:
    """The running server; every test must leave it empty."""
    yield running
    running.nobody_left()


@pytest.fixture
def wire(node: Node) -> Iterator[Wire]:
    with Wire(node.port) as wire:
        yield wire
