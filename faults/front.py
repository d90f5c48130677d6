"""nginx before a node, for as long as a context lasts."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cluster.databases import answers
from cluster.nginx import NGINX, nginx_command
from faults.processes import until


@contextmanager
def running_nginx(folder: Path, configuration: str, port: int) -> Iterator[None]:
    """``folder`` is its prefix: names in the configuration, which names the port, are relative to it."""
    assert NGINX is not None
    folder.chmod(0o755)  # its workers are somebody else
    (folder / "nginx.conf").write_text(configuration)
    process = subprocess.Popen(nginx_command(NGINX, folder))
    try:
        until(lambda: answers(port), 10, "nginx")
        yield
    finally:
        process.terminate()
        process.wait()
