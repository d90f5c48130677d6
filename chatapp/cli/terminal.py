"""A chat in a terminal: the Python client's."""

from __future__ import annotations

from collections.abc import Sequence

from chatapp.client import terminal


def main(arguments: Sequence[str], prog: str) -> int:
    return terminal.main(arguments, prog=prog)
