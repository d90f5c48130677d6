"""A real S3 server for tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cluster.databases import DidNotStart
from faults.s3_server import S3Server, as_environment

__all__ = ["S3Server", "as_environment", "s3_server"]


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    server = S3Server(tmp_path_factory.mktemp("s3"))
    try:
        server.start()
        yield server
    except DidNotStart as error:
        pytest.skip(str(error))
    finally:
        server.stop()
