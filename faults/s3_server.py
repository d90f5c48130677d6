"""A real S3 server from a wheel: SeaweedFS, which can be killed, hung, and started again."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.error import HTTPError
from urllib.request import urlopen

from chatapp.errors import StorageUnavailable
from chatapp.files.objects import Objects, open_objects
from cluster.databases import DidNotStart
from cluster.seaweedfs import BUCKET, SeaweedFS
from faults.processes import until

START_SECONDS = 30


class S3Server:
    """``settings`` are what a node is told."""

    def __init__(self, folder: Path) -> None:
        self._server = SeaweedFS(folder=folder)
        self._process: subprocess.Popen[bytes] | None = None
        self.folder = folder
        self.settings = self._server.settings

    @property
    def port(self) -> int:
        return self._server.port

    def start(self) -> None:
        program = self._server.program()
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                program.command,
                cwd=program.folder,
                env={**os.environ, **program.environment},
                stdout=log,
                stderr=log,
            )
        until(self._takes_a_bucket, START_SECONDS, "an S3 server", 0.1)

    def stop(self) -> None:
        """At once, as by kill -9: asked politely it takes a quarter of a minute."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
        self._server.forget_sockets()

    def freeze(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def vacuum(self) -> None:
        """Write anew what something was deleted in, which it else does every few minutes."""
        master = f"http://127.0.0.1:{self._server.ports['master.port']}"
        urlopen(f"{master}/vol/vacuum?garbageThreshold=0.000000001", timeout=60).close()

    def objects(self, bucket: str = BUCKET, prefix: str = "files") -> Objects:
        """As a node has them that is told so."""
        with as_environment(self.settings):
            return open_objects(f"s3://{bucket}/{prefix}", self.folder)

    def _takes_a_bucket(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self.folder / "log").read_text(errors="replace")[-5000:]
        try:
            urlopen(self.settings["AWS_ENDPOINT_URL"], timeout=1).close()
        except HTTPError:
            pass  # it answers, and wants to see a key
        except OSError:
            return False
        try:
            return self.objects().refusal() is None
        except StorageUnavailable:
            return False  # its parts have not all found each other


def why_not() -> str | None:
    with TemporaryDirectory() as folder:
        try:
            SeaweedFS(folder=Path(folder) / "s3").program()
        except DidNotStart as error:
            return str(error).rstrip(".")
    return None


@contextmanager
def as_environment(settings: Mapping[str, str]) -> Iterator[None]:
    """S3's own variables are read where a bucket is opened."""
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
