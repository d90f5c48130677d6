"""The topology: two web nodes behind nginx, a worker and beat.

A test holds it against docker-compose.yml, so that what is tried here is what runs there.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from chatapp.cli import worker
from chatapp.supervisor import Program
from cluster.nginx import TEMPLATE, filled, nginx_command
from cluster.seaweedfs import SeaweedFS

ROOT = Path(__file__).resolve().parent.parent
NODES = 2
LOOPBACK = "127.0.0.1"
NODE = ("app.py",)
CELERY = ("-m", "celery", "--quiet", "--app", "celery_worker")
WORKER = (*CELERY, "worker", *worker.ARGUMENTS)
BEAT = (*CELERY, "beat", "--loglevel", "WARNING")


@dataclass(frozen=True, kw_only=True)
class Topology:
    """``nginx`` is the program, or None where there is none; then clients choose a node themselves."""

    host: str
    port: int
    database_folder: Path  # of a PostgreSQL that says where it is, once it is there
    redis_port: int
    s3: SeaweedFS
    secret_key: str
    folder: Path
    nginx: str | None

    @property
    def addresses(self) -> list[str]:
        """Where the nodes are; the first port belongs to nginx, whether or not it is there."""
        return [f"{_in_url(self._node_host)}:{self.port + n}" for n in range(1, NODES + 1)]

    @property
    def entrance(self) -> str | None:
        return f"{_in_url(self.host)}:{self.port}" if self.nginx else None

    @property
    def listens(self) -> list[tuple[str, int]]:
        """Every host and port that must be free."""
        nodes = [(self._node_host, self.port + number) for number in range(1, NODES + 1)]
        return [(self.host, self.port), *nodes] if self.nginx else nodes

    def programs(self) -> list[Program]:
        nodes = [self._node(number) for number in range(1, NODES + 1)]
        jobs = [self._program("worker", WORKER), self._program("beat", BEAT)]
        return [*nodes, *jobs, *self._front()]

    def nginx_configuration(self) -> str:
        servers = " ".join(f"server {address} fail_timeout=2s;" for address in self.addresses)
        return filled(TEMPLATE.read_text(), {"PORT": f"{_in_url(self.host)}:{self.port}", "NODES": servers})

    def _node(self, number: int) -> Program:
        return self._program(
            f"web-{number}",
            NODE,
            is_essential=True,
            HOST=self._node_host,
            PORT=str(self.port + number),
            CHAT_TRUSTED_PROXIES=LOOPBACK if self.nginx else "",
        )

    def _program(
        self, name: str, command: tuple[str, ...], *, is_essential: bool = False, **settings: str
    ) -> Program:
        common = {
            "DATABASE_URL": (self.database_folder / "url").read_text(),
            "REDIS_URL": f"redis://{LOOPBACK}:{self.redis_port}/0",
            "SECRET_KEY": self.secret_key,
            "CHAT_DATA_DIR": str(self.folder),
            **self.s3.settings,
        }
        return Program(
            name=name,
            command=(sys.executable, *command),
            environment=common | settings,
            folder=ROOT,
            is_essential=is_essential,
        )

    def _front(self) -> list[Program]:
        if self.nginx is None:
            return []
        command = nginx_command(self.nginx, self.folder)
        return [Program(name="nginx", command=command, is_essential=True)]

    @property
    def _node_host(self) -> str:
        return LOOPBACK if self.nginx else self.host


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
