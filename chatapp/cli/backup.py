"""A backup of the chat's SQLite database, made while it runs.

An earlier backup in FILE is replaced once the new one is whole. Only its owner may read it. It holds
what people were told would be gone: keep it as long as you promise.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from chatapp.settings import Settings, SettingsError
from chatapp.store.backup.copies import NoCopy, back_up


def main(arguments: Sequence[str], prog: str) -> int:
    """Returns the exit code: 0, or 1 with a sentence on stderr and FILE as it was."""
    parser = argparse.ArgumentParser(prog=prog, description=__doc__)
    parser.add_argument("file", metavar="FILE", type=Path)
    file: Path = parser.parse_args(arguments).file
    try:
        back_up(Settings.without_creating().database_url, file)
    except (SettingsError, NoCopy) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"The backup is in {file}, {file.stat().st_size:,} bytes. Keep it as long as you promise.")
    return 0
