"""nginx before a node, as `make cluster` and docker-compose.yml have it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cluster.databases import free_port
from faults.processes import until

NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")


@contextmanager
def running_nginx(folder: Path, configuration: Callable[[int], str]) -> Iterator[int]:
    """``configuration`` is made for a free port, which is given."""
    assert NGINX is not None
    port = free_port()
    for parent in (folder, *folder.parents[:2]):
        parent.chmod(0o755)  # its workers are somebody else
    (folder / "nginx.conf").write_text(configuration(port))
    command = [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"]
    process = subprocess.Popen([*command, "-g", "daemon off;"])
    try:
        until(lambda: _listens(port), 10, "nginx")
        yield port
    finally:
        process.terminate()
        process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
