"""``make cluster``: start all of it, and stop all of it with Ctrl-C. ``PORT`` and ``HOST`` say where."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import honcho.manager

from cluster.databases import DidNotStart, postgresql, valkey
from cluster.topology import ROOT, Topology

STOP_SECONDS = 12  # a node may take ten to drain
PLACES = "/usr/sbin:/usr/local/sbin"  # where nginx is for root only


def main() -> int:
    """Run until Ctrl-C. Returns the exit code."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # honcho's own comes later
    try:
        with TemporaryDirectory(prefix="chat-") as folder, valkey() as redis, postgresql() as database:
            # nginx's workers are somebody else, who must get in; no secret lies here.
            Path(folder).chmod(0o755)
            return _run(_topology(Path(folder), redis_url=redis, database_url=database))
    except DidNotStart as error:
        print(error, file=sys.stderr)
        return 1


def _topology(folder: Path, *, redis_url: str, database_url: str) -> Topology:
    return Topology(
        host=os.environ.get("HOST") or "127.0.0.1",
        port=int(os.environ.get("PORT") or 8000),
        database_url=database_url,
        redis_url=redis_url,
        secret_key=secrets.token_urlsafe(48),
        folder=folder,
        nginx=shutil.which("nginx", path=f"{os.environ['PATH']}:{PLACES}"),
    )


def _run(topology: Topology) -> int:
    if topology.nginx:
        (topology.folder / "nginx.conf").write_text(topology.nginx_configuration())
    honcho.manager.KILL_WAIT = STOP_SECONDS
    manager = honcho.manager.Manager()
    for process in topology.processes():
        environment = {**os.environ, **process.environment}
        manager.add_process(process.name, process.command, env=environment, cwd=ROOT)
    _announce(topology)
    manager.loop()
    return int(manager.returncode)


def _announce(topology: Topology) -> None:
    nodes = " and ".join(f"http://{address}" for address in topology.addresses)
    if topology.entrance:
        print(f"The cluster opens: http://{topology.entrance}, by nginx to {nodes}", flush=True)
    else:
        print(f"The cluster opens: {nodes}. There is no nginx here: let clients choose a node.", flush=True)


if __name__ == "__main__":
    sys.exit(main())
