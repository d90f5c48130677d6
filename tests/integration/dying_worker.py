"""A worker that is killed midway in its first cleanup: ``celery --app tests.integration.dying_worker …``."""

from __future__ import annotations

import os
import signal
from importlib import import_module
from itertools import count

from chatapp.jobs import claimed
from chatapp.jobs.plan import pause_seconds

TRANSACTIONS = 7  # of 1,000 rows each
_done = count(1)


def pause_or_die(transaction_seconds: float) -> float:
    if next(_done) == TRANSACTIONS:
        os.kill(os.getpid(), signal.SIGKILL)
    return pause_seconds(transaction_seconds)


claimed.pause_seconds = pause_or_die  # type: ignore[attr-defined]  # it takes it from there
app = import_module("celery_worker").app
