"""After a restore from a backup: ``python -m chatapp.restore``, before any node is started.

Every log gets a new stream id, so that clients notice that it is not the one they have seen.
"""

from __future__ import annotations

import argparse
import sys

from chatapp.settings import Settings, SettingsError
from chatapp.store.migrations import DatabaseUnusable, upgrade
from chatapp.store.renewal import NodeRunning, renew_streams


def main() -> int:
    """Returns the exit code: 0, or 1 with a sentence on stderr and nothing changed."""
    argparse.ArgumentParser(prog="python -m chatapp.restore", description=__doc__).parse_args()
    try:
        settings = Settings.from_environment()
        upgrade(settings.database_url)
        count = renew_streams(settings.database_url)
    except (SettingsError, DatabaseUnusable, NodeRunning) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Rooms with a new stream id: {count}. The nodes may be started.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
