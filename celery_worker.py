"""The worker of ``chat worker``, for Celery's own commands: ``celery --app celery_worker …``."""

from __future__ import annotations

import sys

from chatapp.cli.worker import make_app
from chatapp.settings import SettingsError

try:
    app = make_app()
except SettingsError as error:
    sys.exit(str(error))
