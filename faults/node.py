"""A web node that can be broken: `python -m faults.node`, started like `python app.py`."""

from __future__ import annotations

import os
import sys

import app  # first: it patches the world
from chatapp.gateway.delivery.audience import Audience
from chatapp.kernel.group_commit import GroupCommit
from chatapp.runtime import real_sleep
from chatapp.runtime.server.accepting import Acceptor
from chatapp.settings import BROKEN, FAILPOINTS
from faults.broken import BUILDS
from faults.failpoints import Failpoints


def main() -> int:
    """Take out of the environment what the product would refuse, and start the product."""
    folder, build = os.environ.pop(FAILPOINTS), os.environ.pop(BROKEN, "")
    points = Failpoints(folder, real_sleep)
    points.install()
    points.install_for_files()
    points.follow(GroupCommit, "_on_done", "after_ack")
    points.follow(Audience, "deliver", "after_publish")
    points.precede(Acceptor, "_accept", "in_accept")
    if build:
        BUILDS[build]()
    return app.main()


if __name__ == "__main__":
    sys.exit(main())
