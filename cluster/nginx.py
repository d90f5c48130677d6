"""nginx before the nodes: the program, what it is told, and how it is started. No wheel brings it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

TEMPLATE = Path(__file__).parent / "nginx.conf.template"
PLACES = "/usr/sbin:/usr/local/sbin"  # where it is for root only
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:{PLACES}")
"""The program, or None where there is none."""


def filled(template: str, values: Mapping[str, str]) -> str:
    """What the nginx container makes of the template: ``${NAME}`` for each given name, nothing else."""
    for name, value in values.items():
        template = template.replace("${" + name + "}", value)
    return template


def nginx_command(nginx: str, folder: Path) -> tuple[str, ...]:
    """With the folder's ``nginx.conf``, in which names are relative to the folder."""
    place = ("-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr")
    return (nginx, *place, "-g", "daemon off;")
