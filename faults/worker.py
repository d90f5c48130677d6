"""A worker that can be broken: `celery --app faults.worker worker`, started like the product's.

A killed run is taken up when its claim has run out. Here that is three seconds instead of a minute,
so that a scenario with five kills does not take five minutes.
"""

from __future__ import annotations

import os
import time

from chatapp.settings import FAILPOINTS
from chatapp.store.nodes import alarms
from faults.failpoints import Failpoints

CLAIM_MS = 3_000

points = Failpoints(os.environ.pop(FAILPOINTS), time.sleep)
points.install()
points.install_for_files()
alarms.CLAIM = alarms.CLAIM.values(claimed_until=alarms._now + CLAIM_MS)
alarms.RENEW = alarms.RENEW.values(claimed_until=alarms._now + CLAIM_MS)

from celery_worker import app  # noqa: E402 - it reads the environment, which has lost ours by now

__all__ = ["app"]
