"""How Python itself is set for a process that holds many connections and must not pause.

The defaults are made for scripts: the collector looks at every connection's objects again and
again while nothing of them is garbage, for tens of milliseconds each time, and a thread that comes
back from the disk waits five milliseconds for the interpreter.
"""

from __future__ import annotations

import gc
import sys

# Python hands the interpreter from thread to thread every 5 ms. A thread back from fsync would wait
# that long for a busy hub, which is longer than the fsync.
SWITCH_INTERVAL_SECONDS = 0.0005

# New containers that outlive their turn before the young are looked at; so many looks at the young
# before the middle-aged are; so many of those before everything is. Most garbage needs none of this:
# it goes when its last reference does.
COLLECT_AFTER = (20_000, 50, 10)


def tune_interpreter() -> None:
    """Call it when everything is imported and made: what is here now is never looked at again."""
    sys.setswitchinterval(SWITCH_INTERVAL_SECONDS)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
