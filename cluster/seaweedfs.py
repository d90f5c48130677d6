"""An S3 server from a wheel, SeaweedFS: all its parts in one process and one folder, on loopback only."""

from __future__ import annotations

import secrets
import shutil
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chatapp.supervisor import Program
from cluster.databases import DidNotStart, free_ports

BUCKET = "chat"
LOOPBACK = "127.0.0.1"
KEY_NAME = "chat"
# Each of its parts would take a well-known port, and a second one for its own protocol.
_PARTS = ("master", "volume", "filer", "s3")
_PORTS = tuple(f"{part}.port{protocol}" for part in _PARTS for protocol in ("", ".grpc"))
# As in docker-compose.yml, which says why.
OPTIONS = (
    "-filer",
    "-s3",
    "-s3.iam=false",
    "-s3.port.iceberg=0",
    "-s3.port.lance=0",
    "-master.telemetry=false",
    "-master.garbageThreshold=0.000000001",
    "-master.volumeSizeLimitMB=64",
    "-master.vacuumIntervalSeconds=300",
    "-volume.max=0",
)


def _some_ports() -> Mapping[str, int]:
    return dict(zip(_PORTS, free_ports(len(_PORTS)), strict=True))


@dataclass(frozen=True, kw_only=True)
class SeaweedFS:
    """A server over a folder, with a key of its own. The bucket is made by the first that is put into it."""

    folder: Path
    ports: Mapping[str, int] = field(default_factory=_some_ports)
    secret: str = field(default_factory=lambda: secrets.token_hex(24), repr=False)

    @property
    def port(self) -> int:
        return self.ports["s3.port"]

    @property
    def settings(self) -> dict[str, str]:
        """What nodes and the worker are told."""
        return {
            "CHAT_UPLOADS_URL": f"s3://{BUCKET}/files",
            "AWS_ENDPOINT_URL": f"http://{LOOPBACK}:{self.port}",
            "AWS_REGION": "us-east-1",
            **self._key,
        }

    @property
    def _key(self) -> dict[str, str]:
        return {"AWS_ACCESS_KEY_ID": KEY_NAME, "AWS_SECRET_ACCESS_KEY": self.secret}

    def program(self) -> Program:
        """Makes the folder. Raises ``DidNotStart`` where the wheel is not there."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        command = (
            _weed(),
            "server",
            f"-dir={self.folder}",
            f"-ip={LOOPBACK}",
            f"-ip.bind={LOOPBACK}",
            *OPTIONS,
            *(f"-{name}={port}" for name, port in self.ports.items()),
        )
        # Asked politely it takes a quarter of a minute; nothing of it outlives the cluster anyhow.
        return Program(
            name="s3", command=command, environment=self._key, folder=self.folder, ends_by=signal.SIGKILL
        )

    def forget_sockets(self) -> None:
        """What a killed one leaves in /tmp, where it has a socket for each of its ports."""
        for port in self.ports.values():
            for left in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):
                left.unlink(missing_ok=True)


def _weed() -> str:
    found = shutil.which("weed", path=str(Path(sys.executable).parent))
    if found is None:
        raise DidNotStart("SeaweedFS is not installed: make setup.")
    return found
