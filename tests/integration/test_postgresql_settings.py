"""PostgreSQL with the settings of docker-compose.yml keeps nothing that is gone in its logs.

The log of what it writes and the log of what it says: both are files, and both had words in them.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
import yaml
from psycopg.sql import SQL

from cluster.databases import postgresql_program
from tests.running import until

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
GIVEN: list[str] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["database"][
    "command"
]
OF_COMPOSE = dict(option.removeprefix("--").split("=") for option in GIVEN[1:])
GUIDE = re.findall(r"```sql\n(.+?)```", (ROOT / "docs" / "operations.md").read_text("utf-8"), re.S)[0]
MARKER = "a-word-that-is-gone"


class Server:
    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.url = (folder / "url").read_text()

    def run(self, *statements: str, user: str = "postgres") -> list[str]:
        """One after the other, as psql would; the first column of what each gives."""
        with psycopg.connect(self.url, autocommit=True, user=user) as connection:
            done = [connection.execute(SQL(statement)) for statement in statements]
            return [str(row[0]) for each in done if each.description for row in each.fetchall()]

    def settings(self) -> dict[str, str]:
        return dict(zip(OF_COMPOSE, self.run(*(f"SHOW {name}" for name in OF_COMPOSE)), strict=True))

    def understands(self, option: str, *, of: str) -> str:
        """What a setting would be with what stands in a container's command."""
        program = (self.data / "postmaster.opts").read_text().split()[0]
        command = [program, "-C", of, "-D", str(self.data), option]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    def log_of_writes(self) -> bytes:
        return b"".join(piece.read_bytes() for piece in (self.data / "pg_wal").glob("0*"))

    def log_of_words(self) -> str:
        return (self.data / "log").read_text()


@pytest.fixture
def server() -> Iterator[Server]:
    """`make cluster`'s. As root the server is somebody else, who must get into its folder."""
    with TemporaryDirectory(prefix="chat-postgresql-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        program = subprocess.Popen(postgresql_program(folder).command, cwd=ROOT)
        try:
            until((folder / "url").exists, 30)
            yield Server(folder)
        finally:
            program.terminate()
            program.wait()


def test_a_server_takes_the_settings_of_the_container_and_has_those_of_the_cluster(server: Server) -> None:
    reset = [f"ALTER SYSTEM RESET {name}" for name in OF_COMPOSE]

    until(lambda: server.settings() == OF_COMPOSE)
    server.run(*reset)
    for option, (name, value) in zip(GIVEN[1:], OF_COMPOSE.items(), strict=True):
        assert server.understands(option, of=name) in (value, value.removesuffix("MB"))


def test_what_is_gone_from_the_tables_is_gone_from_both_logs(server: Server) -> None:
    until(lambda: server.settings() == OF_COMPOSE)
    server.run(
        "CREATE TABLE texts (n int PRIMARY KEY, words text CHECK (n > 0))",
        f"INSERT INTO texts SELECT n, '{MARKER}' || n FROM generate_series(1, 50000) AS n",
    )
    with psycopg.connect(server.url) as connection, pytest.raises(psycopg.errors.CheckViolation):
        connection.execute("INSERT INTO texts VALUES (%s, %s)", (-1, MARKER))
    assert MARKER.encode() in server.log_of_writes()

    server.run("TRUNCATE texts", "SELECT pg_switch_wal()", "CHECKPOINT")

    assert MARKER.encode() not in server.log_of_writes()
    assert "violates check constraint" in server.log_of_words()
    assert MARKER not in server.log_of_words()


def test_the_guide_gives_a_server_the_same_settings_and_the_chat_its_rights(server: Server) -> None:
    server.run("CREATE ROLE chat LOGIN", *(f"ALTER SYSTEM RESET {name}" for name in OF_COMPOSE))
    server.run("SELECT pg_reload_conf()")
    until(lambda: server.settings() != OF_COMPOSE)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        server.run("CHECKPOINT", user="chat")

    server.run(*GUIDE.strip().rstrip(";").split(";\n"))

    until(lambda: server.settings() == OF_COMPOSE)
    server.run("SELECT pg_switch_wal()", "CHECKPOINT", user="chat")
