"""Descriptors: how many the process may have, and when they are short.

The system gives the lowest number that is free. So the number of a new connection says how many
descriptors are in use at least, and nobody has to count.
"""

from __future__ import annotations

import resource
from contextlib import suppress
from dataclasses import dataclass, replace

from chatapp.runtime.bounds.bounds import Bounds

MOST = 1_048_576  # where the system sets no limit, or one that some cannot count to
_KEPT = 64  # for the database, files, and what is opened once in a while


def raise_open_files() -> None:
    """Raise the soft limit to the hard one, as far as the system lets us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST if hard == resource.RLIM_INFINITY else min(hard, MOST)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


@dataclass(frozen=True, slots=True)
class Descriptors:
    limit: int

    @classmethod
    def of_this_process(cls) -> Descriptors:
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        return cls(MOST if soft == resource.RLIM_INFINITY else soft)

    def are_short(self, number: int) -> bool:
        """Whether a connection of this number leaves too few for what the node itself needs."""
        return number >= self.limit - min(_KEPT, self.limit // 8)

    def bound(self, bounds: Bounds) -> Bounds:
        """The same, with a third of all descriptors kept from whoever has not said what they want."""
        return replace(bounds, total=min(bounds.total, self.limit * 2 // 3))
