"""A worker that tries again after seconds: ``celery --app tests.integration.hasty_worker …``."""

from __future__ import annotations

from importlib import import_module

from chatapp.jobs import plan, worker_cleanup

for module in (plan, worker_cleanup):  # which has its own from there
    module.RETRY_MS = 3_000  # type: ignore[attr-defined]
app = import_module("celery_worker").app
