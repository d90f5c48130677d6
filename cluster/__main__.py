"""``make cluster``: start all of it, and stop all of it with Ctrl-C. ``PORT`` and ``HOST`` say where."""

from __future__ import annotations

import os
import secrets
import socket
import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from chatapp.output import never_wait_for_readers
from chatapp.restarts import RestartCounts
from chatapp.settings import VARIABLES, SettingsError
from chatapp.supervisor import Supervisor, run
from cluster.databases import (
    DidNotStart,
    answers,
    free_port,
    postgresql_program,
    until,
    valkey_program,
)
from cluster.nginx import NGINX
from cluster.seaweedfs import SeaweedFS
from cluster.topology import Topology


class PortTaken(Exception):
    """The message is a sentence."""


def main() -> int:
    """Run until Ctrl-C, SIGTERM or SIGHUP. Returns the exit code."""
    never_wait_for_readers()
    try:
        with TemporaryDirectory(prefix="chat-", ignore_cleanup_errors=True) as name:
            folder = Path(name)
            # PostgreSQL and nginx's workers are somebody else, who must get in; no secret lies here.
            folder.chmod(0o755)
            topology = _topology(folder, redis_port=free_port())
            _refuse_taken_ports(topology)
            counts = RestartCounts(folder)
            counts.start("worker")
            try:
                return run(partial(_start, topology), on_restart=counts.add)
            finally:
                topology.s3.forget_sockets()
    except (DidNotStart, PortTaken, SettingsError) as error:
        print(error, file=sys.stderr)
        return 1


def _topology(folder: Path, *, redis_port: int) -> Topology:
    """Raises ``SettingsError``."""
    settings = {variable.name: variable for variable in VARIABLES}
    return Topology(
        host=settings["HOST"].value_in(os.environ),
        port=settings["PORT"].value_in(os.environ),
        database_folder=folder / "postgresql",
        redis_port=redis_port,
        s3=SeaweedFS(folder=folder / "s3"),
        secret_key=secrets.token_urlsafe(48),
        folder=folder,
        nginx=NGINX,
    )


def _refuse_taken_ports(topology: Topology) -> None:
    """Or else nginx would send people to whatever program is there already. Raises ``PortTaken``."""
    for host, port in topology.listens:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # those that are closing do not count
            try:
                probe.bind((host, port))
            except (OSError, OverflowError) as error:
                reason = getattr(error, "strerror", None) or "there is no such port"
                needed = " and ".join(str(port) for _, port in topology.listens)
                raise PortTaken(
                    f"Cannot listen on {host} port {port}: {reason}. "
                    f"The cluster needs the ports {needed}; PORT=… moves it."
                ) from error


async def _start(topology: Topology, supervisor: Supervisor) -> None:
    """What others need comes first, and is stopped last."""
    topology.database_folder.mkdir()
    topology.database_folder.chmod(0o755)
    supervisor.keep(
        postgresql_program(topology.database_folder),
        valkey_program(topology.redis_port),
        topology.s3.program(),
    )
    await until((topology.database_folder / "url").exists, "PostgreSQL")
    await until(lambda: answers(topology.redis_port), "Valkey")
    await until(lambda: answers(topology.s3.port), "SeaweedFS")
    if topology.nginx:
        (topology.folder / "nginx.conf").write_text(topology.nginx_configuration())
    supervisor.keep(*topology.programs())
    _announce(topology)


def _announce(topology: Topology) -> None:
    nodes = " and ".join(f"http://{address}" for address in topology.addresses)
    if topology.entrance:
        print(f"The cluster opens: http://{topology.entrance}, by nginx to {nodes}", flush=True)
    else:
        print(f"The cluster opens: {nodes}. There is no nginx here: let clients choose a node.", flush=True)


if __name__ == "__main__":
    sys.exit(main())
