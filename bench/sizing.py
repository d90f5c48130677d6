"""What docs/operations.md says about sizes, taken from docs/benchmarks.md: one figure cannot be two.

A figure stands in its sentence with two digits that count, as the machine's noise leaves no more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Size:
    """``behind`` is what follows the figure in its sentence; it is told in units of ``unit``."""

    workload: str
    metric: str
    behind: str
    unit: float = 1


SIZES = (
    Size(workload="W4", metric="messages_per_second", behind=" messages a second into 200 rooms of 5 (W4)"),
    Size(workload="W1", metric="deliveries_per_second", behind=" million deliveries a", unit=1_000_000),
    Size(workload="W8", metric="kilobytes_per_client", behind=" KB a connection (W8)"),
    Size(workload="W8", metric="megabytes_with_10000", behind=" MB with 10,000"),
)


def sized(page: str, benchmarks: str) -> str:
    """The page with the figures of the benchmarks. Raises ``LookupError`` where either has not got one."""
    for size in SIZES:
        figure = _two_digits(_measured(benchmarks, size) / size.unit)
        page, count = re.subn(rf"[\d,.]*\d(?={re.escape(size.behind)})", figure, page)
        if count != 1:
            raise LookupError(f"the page says{size.behind} {count} times")
    return page


def _measured(benchmarks: str, size: Size) -> float:
    """The chat's own figure: the first column of the table of results."""
    workload = ""
    for name, metric, value in re.findall(r"^\| (W\d+)? ?\| (\w+) \| ([-\d .]*)", benchmarks, re.M):
        workload = name or workload
        if (workload, metric) == (size.workload, size.metric):
            return float(value.replace(" ", ""))
    raise LookupError(f"there is no {size.metric} of {size.workload}")


def _two_digits(value: float) -> str:
    return f"{float(f'{value:.2g}'):,.6g}"
