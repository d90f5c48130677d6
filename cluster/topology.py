"""The topology: two web nodes behind nginx, a worker and beat.

A test holds it against docker-compose.yml, so that what is tried here is what runs there.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = ROOT / "cluster" / "nginx.conf.template"
NODES = 2
LOOPBACK = "127.0.0.1"
WEB = ".venv/bin/python app.py"
CELERY = ".venv/bin/celery --quiet --app celery_worker"
WORKER = f"{CELERY} worker --pool solo --without-gossip --without-mingle --loglevel WARNING"
BEAT = f"{CELERY} beat --loglevel WARNING"


@dataclass(frozen=True, kw_only=True)
class Process:
    name: str
    command: str
    environment: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Topology:
    """``nginx`` is the program, or None where there is none; then clients choose a node themselves."""

    host: str
    port: int
    database_url: str
    redis_url: str
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

    def processes(self) -> list[Process]:
        nodes = [self._node(number) for number in range(1, NODES + 1)]
        jobs = [self._process("worker", WORKER), self._process("beat", BEAT)]
        return [*nodes, *jobs, *self._front()]

    def nginx_configuration(self) -> str:
        servers = " ".join(f"server {address} fail_timeout=2s;" for address in self.addresses)
        return filled(TEMPLATE.read_text(), {"PORT": f"{_in_url(self.host)}:{self.port}", "NODES": servers})

    def _node(self, number: int) -> Process:
        return self._process(
            f"web-{number}",
            WEB,
            HOST=self._node_host,
            PORT=str(self.port + number),
            CHAT_TRUSTED_PROXIES=LOOPBACK if self.nginx else "",
        )

    def _process(self, name: str, command: str, **settings: str) -> Process:
        common = {
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "SECRET_KEY": self.secret_key,
            "CHAT_DATA_DIR": str(self.folder),
        }
        return Process(name=name, command=_kept(shlex.split(command)), environment=common | settings)

    def _front(self) -> list[Process]:
        if self.nginx is None:
            return []
        place = ["-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), "-e", "stderr"]
        command = [self.nginx, *place, "-g", "daemon off;"]
        return [Process(name="nginx", command=_kept(command), environment={})]

    @property
    def _node_host(self) -> str:
        return LOOPBACK if self.nginx else self.host


def filled(template: str, values: Mapping[str, str]) -> str:
    """What the nginx container makes of the template: ``${NAME}`` for each given name, nothing else."""
    for name, value in values.items():
        template = template.replace("${" + name + "}", value)
    return template


def _kept(command: Sequence[str]) -> str:
    return shlex.join([sys.executable, "-m", "cluster.kept", *command])


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
