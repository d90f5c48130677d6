"""The same over PostgreSQL: one conversation, and a node killed in the middle of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conversation import Conversation
from tests.crowd import Crowd
from tests.running import Nodes, RunningNode
from tests.talkers import KINDS

pytestmark = pytest.mark.slow

LEASE_SECONDS = 60  # nobody waits for it: the dead node's lock is free, and that proves its death


@pytest.fixture
def node(nodes: Nodes, postgresql_url: str) -> Iterator[RunningNode]:
    settings = {
        "DATABASE_URL": postgresql_url,
        "SECRET_KEY": "k" * 40,
        "CHAT_RATE_LIMITS": "off",
        "CHAT_LEASE_SECONDS": str(LEASE_SECONDS),
    }
    with nodes.running(**settings) as node:
        yield node


def test_two_people_talk(node: RunningNode) -> None:
    with Conversation(node, KINDS["python, WebSocket"]) as conversation:
        for step in conversation.steps:
            step()


def test_a_node_killed_under_load_loses_no_acked_message(node: RunningNode) -> None:
    with Crowd(node, "lobby", 20) as crowd:
        crowd.write(10)
        acked_before = crowd.write_through(node.kill, after=60)

        assert len(acked_before) < crowd.written, "it was killed in the middle of it"


def test_a_second_node_is_refused_while_the_first_lives(nodes: Nodes, node: RunningNode) -> None:
    """Without Redis the two could not reach each other's people."""
    settings = {name: node.settings[name] for name in ("DATABASE_URL", "SECRET_KEY")}

    code, printed = nodes.prepared(**settings).start_in_vain()

    assert code == 1
    assert "Another web node is already running" in printed


def test_without_a_secret_it_does_not_start(nodes: Nodes, postgresql_url: str) -> None:
    code, printed = nodes.prepared(DATABASE_URL=postgresql_url).start_in_vain()

    assert code == 1
    assert "SECRET_KEY is not set" in printed
