"""The program ``chat``, which the package brings; ``python -m chatapp`` is the same, also in a checkout.

Each subcommand is a module here, named as it is, with a ``main`` that is given its arguments and what
to call itself. It is imported only when it is asked for: a node patches the world when it is imported, and
nobody else may meet that.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from chatapp import __version__

SUBCOMMANDS = {
    "run": "start a web node and a worker, and keep both running",
    "node": "start a web node alone",
    "worker": "start a worker alone: it removes what has expired",
    "terminal": "talk in a room, from a terminal",
    "backup": "copy the SQLite database while it is in use",
    "restore": "put a backup back, while no node runs",
}
_INTERRUPTED = 128 + 2  # as a shell has it for SIGINT
_ABOUT = """\
`chat run` is all that a chat needs. `chat COMMAND --help` says more of each.
Settings come from the environment; `chat node --help` lists them. Data lies in instance/ of the current
folder, unless CHAT_DATA_DIR names another: start, back up and restore in the same folder.

Exit codes: 0 done, 1 not possible (with a sentence that says why), 2 not understood."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code. ``arguments`` are those of the process, if none are given."""
    parser = _parser()
    options = parser.parse_args(arguments)
    command = import_module(f"{__name__}.{options.command}")
    try:
        code: int = command.main(options.arguments, f"{parser.prog} {options.command}")
    except KeyboardInterrupt:
        return _INTERRUPTED
    return code


def _parser() -> argparse.ArgumentParser:
    width = max(map(len, SUBCOMMANDS))
    commands = "\n".join(f"  {name:<{width}}  {meaning}" for name, meaning in SUBCOMMANDS.items())
    parser = argparse.ArgumentParser(
        prog=_called(),
        usage="%(prog)s [--help] [--version] COMMAND ...",
        description="A self-hosted room chat.",
        epilog=f"commands:\n{commands}\n\n{_ABOUT}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"chatapp {__version__}")
    parser.add_argument("command", metavar="COMMAND", choices=SUBCOMMANDS, help=argparse.SUPPRESS)
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    return parser


def _called() -> str:
    """As somebody has called it, so that they can say what they read."""
    return "chat" if Path(sys.argv[0]).name == "chat" else "python -m chatapp"
