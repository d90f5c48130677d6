"""PostgreSQL and Valkey are away for a while: each process says so once, and once when they are back."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from chatapp.store.migrations import upgrade
from faults.databases import PostgreSQL
from tests.redis_servers import RedisServer
from tests.running import Nodes, until
from tests.talkers import OwnTalker
from tests.workers import running_worker

pytestmark = pytest.mark.slow


@pytest.fixture
def postgresql() -> Iterator[PostgreSQL]:
    """Of its own: the one of the other tests is not to be stopped."""
    folder = Path(mkdtemp(prefix="chat-outage-"))  # for another user may have to enter it: not pytest's
    folder.chmod(0o755)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of XDG_RUNTIME_DIR, which a container has not
        server = PostgreSQL(folder)
        server.__enter__()
    yield server
    server.__exit__(None, None, None)


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    server = RedisServer()
    server.start()
    yield server
    server.stop()


def told(output: str) -> list[dict[str, Any]]:
    """The lines of a log, from warnings on."""
    lines = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    return [line for line in lines if line["level"] != "info" and line["logger"] != "py.warnings"]


def test_an_outage_is_one_warning_and_one_line_when_it_is_over(
    nodes: Nodes, postgresql: PostgreSQL, redis: RedisServer, tmp_path: Path
) -> None:
    settings = {
        "DATABASE_URL": postgresql.url(postgresql.new_database()),
        "REDIS_URL": redis.url,
        "SECRET_KEY": "k" * 40,
        "CHAT_DATA_DIR": str(tmp_path),
        "CHAT_UPLOADS": "off",  # several nodes, and no bucket: a warning of its own
        "CHAT_RATE_LIMITS": "off",
    }
    upgrade(settings["DATABASE_URL"])
    with (
        nodes.running(**settings) as node,
        running_worker(tmp_path, "celery_worker", "--loglevel", "WARNING", **settings) as worker,
    ):
        until(lambda: "cleanup done" in worker.output, 30)
        until(lambda: node.metric("chat_relay_up") == 1)
        talker = OwnTalker(node.url, node.sign_in("Ana")["token"], "tab")
        talker.connect()
        rooms = [f"room-{number}" for number in range(5)]
        for room in rooms:
            assert talker.call("join", {"room": room})["ok"]

        postgresql.stop_hard()
        redis.stop()
        for turn in range(8):
            for room in rooms:
                ack = talker.call("message", {"room": room, "client_id": f"c{turn}", "content": "x"})
                assert ack["error"]["retryable"], ack
            assert not talker.call("history", {"room": rooms[0]})["ok"]
        until(lambda: node.metric("chat_ready") == 0, 20)
        postgresql.start()
        redis.start()
        until(lambda: node.metric("chat_ready") == 1, 20)
        until(lambda: "The database is back" in node.output and "Redis is back" in node.output, 20)
        for turn in range(8):  # over all connections, those too that have not been used since
            for room in rooms:
                talker.call("message", {"room": room, "client_id": f"d{turn}", "content": "x"})
            page = talker.call("history", {"room": rooms[0]})
            assert page["ok"], page  # nobody meets a dead one
        until(lambda: "Redis is back" in worker.output, 60)
        talker.close()

    for output in (node.output, worker.output):
        assert "Traceback" not in output
        lines = [line["event"] for line in told(output)]
        assert not [line for line in told(output) if line["level"] in ("error", "critical")], lines
        assert sum(line.startswith("Redis cannot be used: ") for line in lines) == 1, lines
        assert sum(line.startswith("Redis is back after ") for line in lines) == 1, lines
    lines = [line["event"] for line in told(node.output)]
    (outage,) = [line for line in lines if line.startswith("The database cannot be used: ")]
    assert "connection" in outage or "terminating" in outage
    assert len(lines) == 4, lines
