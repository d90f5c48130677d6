"""A web node that looks often whose sign-in has run out: `python -m tests.integration.hasty_node`."""

from __future__ import annotations

import sys

import app  # first: it patches the world
from chatapp.gateway.talk import departures

if __name__ == "__main__":
    departures.EXPIRY_CHECK_SECONDS = 1
    sys.exit(app.main())
