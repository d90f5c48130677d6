"""Upgrades that end as by a power cut: `python -m tests.dying_upgrades`, told by lines of JSON where.

Each is a process of its own, forked from one that is connected to nothing: to import what an upgrade needs
costs several times as much as the upgrade.
"""

from __future__ import annotations

import json
import os
import signal
import sys

from sqlalchemy import Engine, event

from chatapp.store.migrations import upgrade


def die_behind(statement: str, url: str) -> int:
    """How that process has ended: 0, if it did not come by there."""
    if pid := os.fork():
        _, status = os.waitpid(pid, 0)
        return os.waitstatus_to_exitcode(status)

    def end(_connection: object, _cursor: object, executed: str, *_: object) -> None:
        if executed.lstrip().startswith(statement):
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "after_cursor_execute", end)
    upgrade(url)
    sys.exit()


def main() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        answer = die_behind(order["statement"], order["url"])
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
