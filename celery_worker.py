"""The worker: ``celery --app celery_worker worker --beat --pool solo``."""

from __future__ import annotations

from chatapp.jobs.app import make_celery
from chatapp.settings import Settings

settings = Settings.from_environment()
app = make_celery(
    database_url=settings.database_url,
    retention_ms=settings.retention_ms,
    broker_url=settings.broker_url,
    data_dir=settings.data_dir,
)
