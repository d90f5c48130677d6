"""Python's own modules stay as they are where nothing is patched: clients there have real sockets."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("module", ["http.client", "email.utils", "urllib.request"])
def test_the_runtime_leaves_them_their_sockets(module: str) -> None:
    code = f"import chatapp.runtime, {module} as own; print(own.socket.__name__)"
    said = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert said.stdout == "socket\n"
