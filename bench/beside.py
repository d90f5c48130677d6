"""A second crowd, in a program of its own, beside the one that is measured."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from bench.servers import CROWD_CORE, ROOT, on_core


@contextmanager
def beside(module: str, *arguments: object, tokens: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Meanwhile those with these tokens do what the module is for; what came of it is known at the end."""
    came: dict[str, Any] = {}
    command = [sys.executable, "-m", module, *map(str, arguments)]
    with on_core(CROWD_CORE):
        program = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
    assert program.stdin is not None
    assert program.stdout is not None
    try:
        program.stdin.write(" ".join(tokens) + "\n")
        program.stdin.flush()
        program.stdout.readline()
        yield came
        came |= json.loads(program.communicate()[0])
    finally:
        program.kill()
        program.wait()
