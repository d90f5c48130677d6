"""Where and with what it was measured: figures mean nothing without it."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
from importlib.metadata import version
from pathlib import Path

import msgspec
import psutil

from bench.servers import ROOT, can_pin

LIBRARIES = ("flask-socketio", "python-socketio", "python-engineio", "eventlet", "sqlalchemy")


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    cpu: str
    cores: int
    memory_gb: float
    system: str
    python: str
    sqlite: str
    node: str
    socket_io: str  # of the peer under Node
    libraries: dict[str, str]
    commit: str
    is_pinned: bool
    load_before: float  # over a minute; anything near 1 means that others were at work


def look_around() -> Machine:
    return Machine(
        cpu=_cpu(),
        cores=os.cpu_count() or 1,
        memory_gb=round(psutil.virtual_memory().total / 1024**3, 1),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        sqlite=sqlite3.sqlite_version,
        node=_said("node", "--version"),
        socket_io=_installed(ROOT / "node_modules" / "socket.io" / "package.json"),
        libraries={name: version(name) for name in LIBRARIES},
        commit=_said("git", "describe", "--always", "--dirty", "--exclude", "*"),
        is_pinned=can_pin(),
        load_before=round(os.getloadavg()[0], 2),
    )


def _cpu() -> str:
    described = Path("/proc/cpuinfo")
    if described.exists():
        for line in described.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _installed(package: Path) -> str:
    return str(msgspec.json.decode(package.read_bytes())["version"]) if package.exists() else "none"


def _said(*command: str) -> str:
    try:
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
