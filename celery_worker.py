"""The worker: ``celery --app celery_worker worker --beat --pool solo``."""

from chatapp.jobs.app import make_celery
from chatapp.settings import Settings

app = make_celery(Settings.from_environment())
