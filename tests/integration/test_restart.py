"""A node that ends, politely or not, in the middle of it: nothing that was acked is lost."""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from tests.crowd import Crowd
from tests.running import Nodes, RunningNode, until
from tests.talkers import PythonTalker

pytestmark = pytest.mark.slow

GRACE_SECONDS = 2
LEASE_SECONDS = 60  # nobody waits for it: that is longer than any test here has patience


@pytest.fixture
def node(nodes: Nodes) -> Iterator[RunningNode]:
    settings = {
        "CHAT_RATE_LIMITS": "off",
        "CHAT_PRESENCE_GRACE_SECONDS": str(GRACE_SECONDS),
        "CHAT_LEASE_SECONDS": str(LEASE_SECONDS),
    }
    with nodes.running(**settings) as node:
        yield node


def test_a_node_killed_under_load_loses_no_acked_message(node: RunningNode) -> None:
    with Crowd(node, "lobby", 20) as crowd:
        crowd.write(10)
        acked_before = crowd.write_through(node.kill, after=60)

        assert len(acked_before) < crowd.written, "it was killed in the middle of it"


def test_a_node_stopped_under_load_loses_nothing(node: RunningNode) -> None:
    with Crowd(node, "lobby", 10) as crowd:
        crowd.write(20)
        acked_before = crowd.write_through(node.stop, after=50)

        assert len(acked_before) < crowd.written, "it was stopped in the middle of it"


def test_everybody_is_sent_away_with_a_time_to_come_back(node: RunningNode) -> None:
    with ExitStack() as stack:
        talkers = [PythonTalker(node.url, node.sign_in(f"Person {n}")["token"]) for n in range(5)]
        for talker in talkers:
            stack.callback(talker.close)
            talker.connect()
            talker.call("join", {"room": "lobby"})

        node.stop()

        byes = [talker.heard.wait("bye") for talker in talkers]
        assert {(bye["code"], bye["retry"]) for bye in byes} == {("draining", True)}
        assert len({bye["after_ms"] for bye in byes}) > 1, "they come back spread out"
        for talker in talkers:
            talker.heard.wait("disconnect")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_both_polite_signals_stop_it_cleanly(nodes: Nodes, number: int) -> None:
    with nodes.running() as node:
        talker = PythonTalker(node.url, node.sign_in("Ana")["token"])
        talker.connect()

        node.signal(number)

        assert node.exit_code() == 0
        talker.close()


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_rooms_are_writable_at_once_after_a_restart(node: RunningNode, end: str) -> None:
    token = node.sign_in("Ana")["token"]
    before = PythonTalker(node.url, token)
    before.connect()
    before.call("join", {"room": "lobby"})
    before.call("message", {"room": "lobby", "client_id": "c-1", "content": "before"})

    getattr(node, end)()
    node.start()
    after = PythonTalker(node.url, token)
    after.connect()
    assert after.call("join", {"room": "lobby"})["head"] == 1
    stored = after.call("message", {"room": "lobby", "client_id": "c-2", "content": "after"})

    assert stored["seq"] == 2
    before.close()
    after.close()


def test_a_second_node_on_the_same_data_is_refused_while_the_first_lives(
    nodes: Nodes, node: RunningNode
) -> None:
    second = nodes.prepared(CHAT_DATA_DIR=str(node.folder))

    code, printed = second.start_in_vain()

    assert code == 1
    assert "Another web node is already running" in printed
    assert "DATABASE_URL" in printed
    assert "REDIS_URL" in printed
    assert node.get("/readyz")

    node.kill()
    second.start()
    second.end()


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_who_does_not_come_back_after_a_restart_is_gone_after_the_grace(node: RunningNode, end: str) -> None:
    ana, bo = (PythonTalker(node.url, node.sign_in(name)["token"]) for name in ("Ana", "Bo"))
    for talker in (ana, bo):
        talker.connect()
        talker.call("join", {"room": "lobby"})
    ana.call("attach", {"room": "lobby", "value": {"draft": "Dear Bo"}})

    getattr(node, end)()
    bo.close()
    ana.heard.wait("disconnect")
    node.start()
    ana.connect()
    joined = ana.call("join", {"room": "lobby"})

    users = {user["name"]: user for user in joined["presence"]["users"]}
    assert users.keys() == {"Ana", "Bo"}
    assert users["Bo"]["devices"] == 0
    assert "lost_at" in users["Bo"]
    assert joined["attachment"] == {"version": 1, "value": {"draft": "Dear Bo"}}

    def names() -> set[str]:
        return {user["name"] for user in ana.call("presence", {"room": "lobby"})["users"]}

    until(lambda: names() == {"Ana"}, GRACE_SECONDS + 10)
    ana.close()


@pytest.mark.alone
def test_a_node_whose_database_hangs_ends_in_time_all_the_same(node: RunningNode) -> None:
    """What waits for the database was not acked to anybody, so nothing is lost with it."""
    talker = PythonTalker(node.url, node.sign_in("Ana")["token"])
    talker.connect()
    with closing(sqlite3.connect(node.database, isolation_level=None)) as other_program:
        other_program.execute("BEGIN IMMEDIATE")
        for number in range(30):
            talker.emit("join", {"room": f"room-{number}"})

        node.stop()

    talker.close()
