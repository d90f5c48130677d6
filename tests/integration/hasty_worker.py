"""A worker that tries again after seconds: ``celery --app tests.integration.hasty_worker …``."""

from __future__ import annotations

from importlib import import_module

from chatapp.jobs import plan

plan.RETRY_MS = 3_000
app = import_module("celery_worker").app  # whose parts take it from there when they are imported
