"""The chat's web node, which also collects its garbage when told to: `python -m bench.chat_node`."""

from __future__ import annotations

import gc
import signal
import sys

import app  # first: it patches the world

if __name__ == "__main__":
    signal.signal(signal.SIGUSR2, lambda *_: gc.collect())
    sys.exit(app.main())
