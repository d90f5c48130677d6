"""A web node that looks often whose sign-in has run out: `python -m tests.integration.hasty_node`."""

from __future__ import annotations

import sys

import app  # first: it patches the world
from chatapp.gateway.talk import forced_disconnects

if __name__ == "__main__":
    forced_disconnects.EXPIRY_CHECK_SECONDS = 1
    sys.exit(app.main())
