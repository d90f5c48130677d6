"""The registry: what the metrics of one process stand in, and what a scrape gets.

No label ever holds what a stranger sent, so every series is known in advance and exists from the start, as 0:
Prometheus' ``increase()`` sees no rise to the first value of a series that was not there before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import product

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

CONTENT_TYPE = CONTENT_TYPE_LATEST

SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
"""Buckets of what should take no time."""


class Registry:
    """What counts derives from it, and declares its own at its start."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)  # memory, processor time, open files

    def as_text(self) -> bytes:
        """Prometheus' text format, of the type ``CONTENT_TYPE``."""
        return generate_latest(self._registry)

    # --- what is counted here -----------------------------------------------------------------

    def _counter(self, name: str, documentation: str, **labels: Iterable[str]) -> Counter:
        """``labels`` has, for each, all values that it may ever take."""
        counter = Counter(name, documentation, tuple(labels), registry=self._registry)
        if labels:
            for values in product(*labels.values()):
                counter.labels(*values)
        return counter

    def _histogram(self, name: str, documentation: str, buckets: Sequence[float] = SECONDS) -> Histogram:
        return Histogram(name, documentation, buckets=buckets, registry=self._registry)

    # --- what is kept elsewhere, and looked at ------------------------------------------------

    def watch(self, name: str, documentation: str, read: Callable[[], float]) -> None:
        """A gauge that is read whenever somebody asks, such as ``chat_rooms_awake``."""
        Gauge(name, documentation, registry=self._registry).set_function(read)

    def watch_each(
        self, name: str, documentation: str, label: str, values: Iterable[str], read: Callable[[str], float]
    ) -> None:
        """The same for each of the values that a label may have."""
        gauge = Gauge(name, documentation, (label,), registry=self._registry)
        for value in values:
            gauge.labels(value).set_function(partial(read, value))

    def watch_total(self, name: str, documentation: str, read: Callable[[], float]) -> None:
        """A counter that is kept elsewhere, and read whenever somebody asks."""
        self._registry.register(_KeptElsewhere(name, documentation, read))


class _KeptElsewhere(Collector):
    def __init__(self, name: str, documentation: str, read: Callable[[], float]) -> None:
        self._family = partial(CounterMetricFamily, name, documentation)
        self._read = read

    def collect(self) -> Iterable[CounterMetricFamily]:
        yield self._family(value=self._read())
