"""Put a backup back, while no node runs.

FILE is what `chat backup` has written. Without FILE the database has been restored
already, as PostgreSQL's own programs do. Every log gets a new stream id, so that clients notice that
it is not the one they have seen.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from chatapp.private import create_privately
from chatapp.settings import Settings, SettingsError
from chatapp.store.backup.copies import NoCopy, check_copy, database_file, put_back
from chatapp.store.backup.renewal import NodeRunning, renew_streams
from chatapp.store.migrations import DatabaseUnusable, upgrade

BROUGHT_BACK = (
    "What has expired or was deleted since the backup is in the database again. "
    "Nobody is shown what has expired; it goes with the next cleanup."
)


def main(arguments: Sequence[str], prog: str) -> int:
    """Returns the exit code: 0, or 1 with a sentence on stderr and nothing changed."""
    parser = argparse.ArgumentParser(prog=prog, description=__doc__)
    parser.add_argument("file", metavar="FILE", type=Path, nargs="?")
    file: Path | None = parser.parse_args(arguments).file
    create_privately()
    try:
        _check(Settings.without_creating(), file)
        settings = Settings.from_environment()
        if file is not None:
            put_back(settings.database_url, file)
        upgrade(settings.database_url)
        count = renew_streams(settings.database_url)
    except (SettingsError, DatabaseUnusable, NoCopy, NodeRunning) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Rooms with a new stream id: {count}. The nodes may be started.")
    print(BROUGHT_BACK)
    return 0


def _check(settings: Settings, file: Path | None) -> None:
    """Before anything is created: whoever is in a wrong folder leaves nothing there."""
    if file is not None:
        check_copy(file)
    elif settings.is_sqlite:
        database_file(settings.database_url)
