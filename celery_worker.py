"""The worker: ``celery --app celery_worker worker --beat --pool solo``."""

from __future__ import annotations

import sys

from celery import signals

from chatapp.jobs.app import make_celery
from chatapp.logs import configure_logs
from chatapp.output import never_wait_for_readers
from chatapp.private import create_privately
from chatapp.settings import Settings, SettingsError

create_privately()
never_wait_for_readers()
try:
    settings = Settings.from_environment()
except SettingsError as error:
    sys.exit(str(error))
configure_logs(settings.log_level)
app = make_celery(
    database_url=settings.database_url,
    retention_ms=settings.retention_ms,
    broker_url=settings.broker_url,
    data_dir=settings.data_dir,
    deployment_id=settings.deployment_id,
)


@signals.setup_logging.connect(weak=False)
def _leave_the_logs_as_they_are(**_: object) -> None:
    """Celery sets up its own when nobody answers this signal."""
