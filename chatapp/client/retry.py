"""How long to wait after a refusal that does not say it itself."""

from __future__ import annotations

_FIRST_MS = 1_000
_LONGEST_MS = 10_000


def retry_ms(in_a_row: int) -> int:
    """`in_a_row`: how many refusals there were before."""
    return min(_LONGEST_MS, _FIRST_MS << min(in_a_row, 10))
