"""How much memory this process has, and a way to give back what it has freed."""

from __future__ import annotations

import ctypes
import gc
import os
from pathlib import Path

_STATM = Path("/proc/self/statm")


def resident_bytes() -> int | None:
    """What the process takes of the machine's memory; None where the system does not tell (macOS)."""
    try:
        pages = int(_STATM.read_bytes().split()[1])
    except OSError:
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")


def give_back() -> None:
    """Hand freed memory back to the system, where its C library can (glibc)."""
    gc.collect(1)
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
