"""A real node and Redis over TLS: in its patched world a plain ``ssl`` would refuse every socket."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.error import HTTPError

import pytest

from tests.redis_servers import RedisServer, valkey
from tests.running import Nodes, RunningNode, until
from tests.tls import Authority

__all__ = ["valkey"]

pytestmark = pytest.mark.slow


def readiness(node: RunningNode) -> tuple[int, dict[str, str]]:
    try:
        return 200, json.loads(node.get("/readyz"))
    except HTTPError as refusal:
        with refusal:
            return refusal.code, json.load(refusal)


def test_a_node_verifies_redis_and_says_so_where_it_cannot(
    nodes: Nodes, postgresql_server: str, valkey: RedisServer, tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    with authority.tls_before(valkey.port) as port:
        url = f"rediss://localhost:{port}/0"
        shared = {"DATABASE_URL": postgresql_server, "SECRET_KEY": "k" * 40}
        with nodes.running(REDIS_URL=f"{url}?ssl_ca_certs={authority.ca_file}", **shared) as node:
            until(lambda: node.metric("chat_relay_up") == 1)
            assert readiness(node) == (200, {"status": "ok"})

        with nodes.running(REDIS_URL=url, **shared) as node:
            until(lambda: readiness(node)[0] == 503)
            _, said = readiness(node)
            assert said["status"] == "relay_refused"
            assert "CERTIFICATE_VERIFY_FAILED" in said["relay"]
            assert node.output.count("Redis cannot be used: [SSL: CERTIFICATE_VERIFY_FAILED]") == 1
