"""A worker: removes what has expired, every hour and once at its start. Beat, which rings the hour, is in it.

Settings come from the environment, the same as the node's: `chat node --help` lists them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import cache, partial

from celery import Celery, signals
from celery.bin.base import CLIContext
from celery.bin.worker import worker

from chatapp.files.objects import open_objects
from chatapp.files.place import check_place
from chatapp.jobs.app import make_celery
from chatapp.logs import configure_logs
from chatapp.output import never_wait_for_readers
from chatapp.private import create_privately
from chatapp.settings import Settings, SettingsError

# No gossip and no mingle: there is nobody to talk to.
ARGUMENTS = ("--pool", "solo", "--without-gossip", "--without-mingle", "--loglevel", "WARNING")


def main(arguments: Sequence[str], prog: str) -> int:
    """Run until SIGTERM or Ctrl-C. Returns the exit code: Celery's, or 1 with a sentence on stderr."""
    parser = argparse.ArgumentParser(prog=prog, description=__doc__)
    parser.add_argument(
        "--beat",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="ring the hour too: one of several workers is enough",
    )
    with_beat: bool = parser.parse_args(arguments).beat
    try:
        app = make_app()
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1
    # Celery's own command without its group, which would take an app from the environment.
    code: int | None = worker.main(
        [*ARGUMENTS, *(["--beat"] if with_beat else [])],
        prog_name=prog,
        standalone_mode=False,
        obj=CLIContext(app=app, no_color=False, workdir=None, quiet=True),
    )
    return code or 0


def make_app() -> Celery:
    """By the settings of the environment, which may raise ``SettingsError``."""
    create_privately()
    never_wait_for_readers()
    settings = Settings.from_environment()
    configure_logs(settings.log_level)
    signals.setup_logging.connect(_leave_the_logs_as_they_are)
    where = settings.uploads_url, settings.data_dir
    return make_celery(
        database_url=settings.database_url,
        retention_ms=settings.retention_ms,
        broker_url=settings.broker_url,
        data_dir=settings.data_dir,
        deployment_id=settings.deployment_id,
        open_objects=cache(partial(open_objects, *where)),  # a folder remembers that it was there
        check_place=partial(check_place, *where, settings.database_url) if settings.has_uploads else None,
    )


def _leave_the_logs_as_they_are(**_: object) -> None:
    """Celery sets up its own when nobody answers this signal."""
