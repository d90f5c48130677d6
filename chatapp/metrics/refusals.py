"""What is counted of every no: of requests, of connections, of what waits for somebody, of files."""

from __future__ import annotations

from chatapp.errors import wire_codes
from chatapp.limits.held import REASONS as CUT_FOR
from chatapp.limits.held import Reason
from chatapp.limits.table import NAMES
from chatapp.limits.uploads import REFUSED_FOR as UPLOADS_REFUSED_FOR
from chatapp.metrics.registry import Registry
from chatapp.runtime.bounds.bounds import REASONS as REFUSED_FOR
from chatapp.runtime.server.accepting import ERRORS


class RefusalMetrics(Registry):
    """Fulfils the ``Meter`` of the server too."""

    def __init__(self) -> None:
        super().__init__()
        self._count_requests()
        self._count_connections()
        self._refused_uploads = self._counter(
            "chat_uploads_refused",
            "Files, or pieces of one, that were not taken, by what was too much or wrong.",
            reason=UPLOADS_REFUSED_FOR,
        )

    def _count_requests(self) -> None:
        self._refusals = self._counter(
            "chat_refusals", "Requests answered with an error, by its code.", code=wire_codes()
        )
        self._over_limit = self._counter("chat_over_limit", "Refusals by a limit, by its name.", limit=NAMES)

    def _count_connections(self) -> None:
        counter = self._counter
        self._cuts = counter(
            "chat_held_bytes_cuts",
            "Connections ended for what waited for them, by whose budget was full.",
            reason=CUT_FOR,
        )
        self._connections_refused = counter(
            "chat_connections_refused",
            "HTTP connections ended without an answer of the application, by what was too much or wrong.",
            reason=REFUSED_FOR,
        )
        self._accept_errors = counter(
            "chat_accept_errors", "Connections that the system did not hand over, by its error.", error=ERRORS
        )
        self._refused_for_memory = counter(
            "chat_connections_refused_for_memory", "New connections refused while memory was at its bound."
        )

    def refused(self, code: str) -> None:
        """``code`` is a wire code of ours."""
        self._refusals.labels(code).inc()

    def request_failed(self) -> None:
        self.refused("internal")

    def over_limit(self, limit: str) -> None:
        self._over_limit.labels(limit).inc()

    def cut_for_held_bytes(self, reason: Reason) -> None:
        self._cuts.labels(reason).inc()

    def connection_refused(self, reason: str) -> None:
        self._connections_refused.labels(reason).inc()

    def accept_failed(self, error: str) -> None:
        self._accept_errors.labels(error).inc()

    def refused_for_memory(self) -> None:
        self._refused_for_memory.inc()

    def refused_upload(self, reason: str) -> None:
        self._refused_uploads.labels(reason).inc()
