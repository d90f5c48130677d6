"""Whoever spreads over three nodes gets no more than at one, and the others notice nothing."""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Iterator

import pytest

from tests.redis_servers import RedisServer, valkey
from tests.running import Nodes, RunningNode, until
from tests.talkers import OwnTalker, PythonTalker, Refused

pytestmark = pytest.mark.slow

__all__ = ["valkey"]

SECONDS = 10
PER_SECOND = 4  # four times what a person may
TRIES = SECONDS * PER_SECOND


@pytest.fixture(scope="module")
def three(nodes: Nodes, postgresql_server: str, valkey: RedisServer) -> Iterator[list[RunningNode]]:
    three = [
        nodes.prepared(DATABASE_URL=postgresql_server, REDIS_URL=valkey.url, SECRET_KEY="k" * 40)
        for _ in range(3)
    ]
    for node in three:
        node.start()
    for node in three:
        until(lambda node=node: node.metric("chat_relay_up") == 1)  # type: ignore[misc]
    yield three
    for node in three:
        node.end()


def talker(node: RunningNode, token: str, device: str) -> OwnTalker:
    talker = OwnTalker(node.url, token, device)
    talker.connect()
    return talker


@pytest.mark.alone
def test_four_times_the_rate_from_three_nodes_gives_the_rate_and_one_burst(three: list[RunningNode]) -> None:
    room, token = f"room-{secrets.token_hex(4)}", three[0].sign_in("Mallory")["token"]
    talkers = [talker(node, token, f"device-{number}") for number, node in enumerate(three)]
    lawful = talker(three[1], three[1].sign_in("Ana")["token"], "tab")
    for each in (*talkers, lawful):
        assert each.call("join", {"room": room})["ok"]

    def say(who: OwnTalker) -> bool:
        message = {"room": room, "client_id": secrets.token_hex(8), "content": "hello"}
        ack = who.call("message", message)
        assert ack["ok"] or ack["error"]["code"] == "rate_limited", ack
        return bool(ack["ok"])

    accepted, began_at = 0, time.monotonic()
    for number, who in zip(range(TRIES), itertools.cycle(talkers)):
        time.sleep(max(0.0, began_at + number / PER_SECOND - time.monotonic()))
        accepted += say(who)
        if number % (2 * PER_SECOND) == 0:
            assert say(lawful), "somebody else's rate"

    seconds = time.monotonic() - began_at  # more than was planned, where the machine is slow
    assert accepted == pytest.approx(min(seconds + 10, TRIES), rel=0.1)
    for each in (*talkers, lawful):
        each.close()


def test_ten_connections_of_a_person_are_ten_over_all_nodes(three: list[RunningNode]) -> None:
    token = three[0].sign_in("Bo")["token"]
    spread = zip(range(10), itertools.cycle(three))
    talkers = [PythonTalker(node.url, token, f"device-{number}") for number, node in spread]
    for each in talkers:
        each.connect()

    def refused(node: RunningNode) -> bool:
        extra = PythonTalker(node.url, token, "one more")
        try:
            extra.connect()
        except Refused as refusal:
            return bool(refusal.data["code"] == "too_many_connections")
        finally:
            extra.close()
        return False

    for node in three:
        until(lambda node=node: refused(node))  # type: ignore[misc]
    talkers.pop().close()
    until(lambda: not refused(three[2]))
    for each in talkers:
        each.close()
