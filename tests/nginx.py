"""A real nginx, for as long as a test needs one; no wheel brings it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.running import until

NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
needs_nginx = pytest.mark.skipif(NGINX is None, reason="there is no nginx on this machine")

# Around what stands in a document, which is a part of somebody's configuration.
WHOLE = """
pid nginx.pid;
error_log stderr crit;
events {{}}
http {{
    access_log off;
    client_body_temp_path temp-body;
    proxy_temp_path temp-proxy;
    fastcgi_temp_path temp-fastcgi;
    scgi_temp_path temp-scgi;
    uwsgi_temp_path temp-uwsgi;
    {part}
}}
"""


@contextmanager
def running_nginx(folder: Path, configuration: str, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """``folder`` is its prefix: names in the configuration are relative to it."""
    assert NGINX is not None
    folder.chmod(0o755)
    (folder / "nginx.conf").write_text(configuration)
    command = [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"]
    process = subprocess.Popen([*command, "-g", "daemon off;"])
    try:
        until(lambda: _listens(port))
        yield process
    finally:
        process.terminate()
        process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
