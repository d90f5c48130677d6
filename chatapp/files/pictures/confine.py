"""What the process that decodes may take and do; called by itself, before it has seen a stranger's byte.

All limits are the system's: they hold whatever the decoder does, also against itself.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from contextlib import suppress

from chatapp.files.pictures.bounds import MEMORY_BYTES, PROCESSOR_SECONDS, WALL_SECONDS

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_STANDARD = 3  # descriptors: in, out and errors


def bound_time_and_memory(parent: int) -> None:
    """The system ends it when its time is over, and with whoever started it (Linux)."""
    signal.alarm(WALL_SECONDS)
    # The system says SIGXCPU, and what comes at the second number is SIGKILL, as from one that has no memory.
    _limit(resource.RLIMIT_CPU, PROCESSOR_SECONDS, PROCESSOR_SECONDS + 5)
    _limit(resource.RLIMIT_AS, MEMORY_BYTES)
    _limit(resource.RLIMIT_CORE, 0)  # a picture shall not lie in a core file
    os.nice(19)
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        with suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as score:
            score.write("1000")  # where memory runs out, it is this process that ends
    if os.getppid() != parent:
        sys.exit(1)


def be_patient() -> None:
    """The picture is done; how long its bytes take to leave is not for it to say."""
    signal.alarm(0)


def close_doors() -> None:
    """From now on there is no new descriptor: no file and no socket can be opened, and none is written."""
    os.closerange(_STANDARD, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    _limit(resource.RLIMIT_NOFILE, _STANDARD)
    _limit(resource.RLIMIT_FSIZE, 0)
    with suppress(ValueError, OSError):
        _limit(resource.RLIMIT_NPROC, 0)


def _limit(which: int, value: int, hard: int | None = None) -> None:
    """Never above what holds already."""
    _, allowed = resource.getrlimit(which)
    wanted = (value, value if hard is None else hard)
    if allowed != resource.RLIM_INFINITY:
        wanted = (min(wanted[0], allowed), min(wanted[1], allowed))
    resource.setrlimit(which, wanted)
