"""What every test with real nodes gets: nodes to start, their logs beside a failure, no tracebacks."""

from __future__ import annotations

from tests.databases import postgresql_server, postgresql_url
from tests.redis_servers import valkey
from tests.running_fixtures import no_complaints, nodes, pytest_runtest_makereport

__all__ = [
    "no_complaints",
    "nodes",
    "postgresql_server",
    "postgresql_url",
    "pytest_runtest_makereport",
    "valkey",
]
