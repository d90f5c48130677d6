"""Metrics: what is counted, for Prometheus.

One object per process with a registry of its own, so that tests and nodes share nothing. Count
on the hub only: the counters' locks are not for the database's threads. No label ever holds
what a stranger sent, so every series is known in advance and exists from the start, as 0:
Prometheus' ``increase()`` sees no rise to the first value of a series that was not there before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import product
from typing import Protocol

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

from chatapp.errors import wire_codes
from chatapp.kernel.ports import DROP_REASONS, Outcome
from chatapp.limits.held import REASONS, Reason
from chatapp.limits.table import NAMES
from chatapp.limits.uploads import REFUSED_FOR as UPLOADS_REFUSED_FOR
from chatapp.rooms.events import RoomEvent
from chatapp.rooms.messages.pages import CHANGES
from chatapp.rooms.messages.recovery import FRESH_STARTS
from chatapp.runtime.accepting import ERRORS
from chatapp.runtime.arrivals import REASONS as REFUSED

CONTENT_TYPE = CONTENT_TYPE_LATEST

_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
_LOOK_SECONDS = (0.5, 1, 2, 5, 10, 20, 60, 300)
LOOKS = ("ready", "damaged", "too_large", "gone")
_COUNTS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
LAG_INTERVAL_SECONDS = 0.5


class Scheduler(Protocol):
    def call_later(self, seconds: float, callback: Callable[..., object], *args: object) -> object: ...

    def elapsed(self) -> float: ...


class _KeptElsewhere(Collector):
    def __init__(self, name: str, documentation: str, read: Callable[[], float]) -> None:
        self._family = partial(CounterMetricFamily, name, documentation)
        self._read = read

    def collect(self) -> Iterable[CounterMetricFamily]:
        yield self._family(value=self._read())


class Metrics:
    """Fulfils the kernel's ``Meter``, and counts what the edges tell it."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)  # memory, processor time, open files
        counter, histogram = self._counter, self._histogram
        self._wakes = histogram("chat_wake_seconds", "From the first command to an awake room.", _SECONDS)
        self._takeovers = counter("chat_takeovers", "Rooms taken over from a node that died.")
        self._suspicions = counter(
            "chat_suspicions",
            "Owners at other nodes that did not answer, by what the database then proved: dead or alive.",
            verdict=("dead", "alive"),
        )
        self._hibernations = counter("chat_hibernations", "Rooms put to sleep.")
        self._drops = counter("chat_drops", "Activations whose memory was thrown away.", reason=DROP_REASONS)
        self._commits = histogram("chat_commit_seconds", "Duration of a transaction.", _SECONDS)
        self._commit_rooms = histogram("chat_commit_rooms", "Rooms that shared a transaction.", _COUNTS)
        self._commit_events = histogram("chat_commit_events", "Events of a transaction.", (0, *_COUNTS))
        self._not_stored = counter(
            "chat_writes_not_stored",
            "Rooms' parts of transactions that were not stored, by outcome; stale: held back by the fence.",
            outcome=[outcome.word for outcome in Outcome if outcome is not Outcome.COMMITTED],
        )
        changes = counter(
            "chat_changes", "Edits, deletions and events of reactions stored.", type=sorted(CHANGES)
        )
        self._changes = {type_: changes.labels(type_) for type_ in CHANGES}
        self._deliveries = counter("chat_deliveries", "Frames handed to a socket.")
        self._duplicates = counter(
            "chat_duplicates",
            "Messages that were stored already and sent again: answered with their first place.",
        )
        self._gap_fills = counter(
            "chat_gap_fills", "Reads of the log for what did not arrive from another node."
        )
        self._pings_asleep = counter("chat_pings_asleep", "Pings answered while the room was asleep.")
        self._resumes = counter(
            "chat_resumes",
            "Joins with a cursor: recovered, or the reason why not.",
            result=("recovered", *FRESH_STARTS),
        )
        self._refusals = counter(
            "chat_refusals", "Requests answered with an error, by its code.", code=wire_codes()
        )
        self._over_limit = counter("chat_over_limit", "Refusals by a limit, by its name.", limit=NAMES)
        self._cuts = counter(
            "chat_held_bytes_cuts",
            "Connections ended for what waited for them, by whose budget was full.",
            reason=REASONS,
        )
        self._connections_refused = counter(
            "chat_connections_refused",
            "HTTP connections ended without an answer of the application, by what was too much or wrong.",
            reason=REFUSED,
        )
        self._accept_errors = counter(
            "chat_accept_errors", "Connections that the system did not hand over, by its error.", error=ERRORS
        )
        self._refused_for_memory = counter(
            "chat_connections_refused_for_memory", "New connections refused while memory was at its bound."
        )
        self._refused_uploads = counter(
            "chat_uploads_refused",
            "Files, or pieces of one, that were not taken, by what was too much or wrong.",
            reason=UPLOADS_REFUSED_FOR,
        )
        self._looks = counter(
            "chat_looks", "Pictures that came to this node, by what became of them.", outcome=LOOKS
        )
        self._look_seconds = histogram(
            "chat_look_seconds", "From a picture's last byte to what became of it.", _LOOK_SECONDS
        )
        self._hub_lag = histogram("chat_hub_lag_seconds", "How late the hub came to a timer.", _SECONDS)

    def _counter(self, name: str, documentation: str, **labels: Iterable[str]) -> Counter:
        """``labels`` has, for each, all values that it may ever take."""
        counter = Counter(name, documentation, tuple(labels), registry=self._registry)
        if labels:
            for values in product(*labels.values()):
                counter.labels(*values)
        return counter

    def _histogram(self, name: str, documentation: str, buckets: Sequence[float]) -> Histogram:
        return Histogram(name, documentation, buckets=buckets, registry=self._registry)

    # --- the kernel's Meter -------------------------------------------------------------------

    def woke(self, seconds: float, *, is_takeover: bool) -> None:
        self._wakes.observe(seconds)
        if is_takeover:
            self._takeovers.inc()

    def judged(self, *, is_dead: bool) -> None:
        self._suspicions.labels("dead" if is_dead else "alive").inc()

    def hibernated(self) -> None:
        self._hibernations.inc()

    def dropped(self, reason: str) -> None:
        self._drops.labels(reason).inc()

    def committed(self, *, rooms: int, events: int, seconds: float) -> None:
        self._commits.observe(seconds)
        self._commit_rooms.observe(rooms)
        self._commit_events.observe(events)

    def not_stored(self, outcome: str) -> None:
        self._not_stored.labels(outcome).inc()

    # --- the edges ----------------------------------------------------------------------------

    def told(self, broadcasts: Iterable[object]) -> None:
        """What rooms of this node have stored and say."""
        for broadcast in broadcasts:
            if isinstance(broadcast, RoomEvent) and broadcast.type in self._changes:
                self._changes[broadcast.type].inc()

    def delivered(self, frames: int) -> None:
        self._deliveries.inc(frames)

    def answered_duplicate(self) -> None:
        self._duplicates.inc()

    def filled_gap(self, _events: int) -> None:
        self._gap_fills.inc()

    def ping_answered_asleep(self) -> None:
        self._pings_asleep.inc()

    def resumed(self, result: str) -> None:
        """``recovered``, or the reason that the wire gives for a fresh start."""
        self._resumes.labels(result).inc()

    def refused(self, code: str) -> None:
        """``code`` is a wire code of ours."""
        self._refusals.labels(code).inc()

    def over_limit(self, limit: str) -> None:
        self._over_limit.labels(limit).inc()

    def cut_for_held_bytes(self, reason: Reason) -> None:
        self._cuts.labels(reason).inc()

    def connection_refused(self, reason: str) -> None:
        self._connections_refused.labels(reason).inc()

    def accept_failed(self, error: str) -> None:
        self._accept_errors.labels(error).inc()

    def request_failed(self) -> None:
        self.refused("internal")

    def looked(self, outcome: str, seconds: float) -> None:
        """``outcome`` is one of ``LOOKS``."""
        self._looks.labels(outcome).inc()
        self._look_seconds.observe(seconds)

    def refused_upload(self, reason: str) -> None:
        self._refused_uploads.labels(reason).inc()

    def refused_for_memory(self) -> None:
        self._refused_for_memory.inc()

    # --- what is looked at, not counted -------------------------------------------------------

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

    def watch_hub(self, scheduler: Scheduler) -> None:
        """Measure, for ever, how late the hub comes to its timers."""
        due_at = scheduler.elapsed() + LAG_INTERVAL_SECONDS

        def arrive() -> None:
            self._hub_lag.observe(max(0.0, scheduler.elapsed() - due_at))
            self.watch_hub(scheduler)

        scheduler.call_later(LAG_INTERVAL_SECONDS, arrive)

    def as_text(self) -> bytes:
        """Prometheus' text format, of the type ``CONTENT_TYPE``."""
        return generate_latest(self._registry)
