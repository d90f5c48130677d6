"""The same over PostgreSQL: one conversation, and a node killed in the middle of it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.conversation import Conversation
from tests.crowd import Crowd
from tests.running import Nodes, RunningNode
from tests.talkers import KINDS

pytestmark = pytest.mark.slow

WRITABLE_SECONDS = 2.0  # far below the lease of 5 s: the dead node's lock is free, and that proves its death


@pytest.fixture
def node(nodes: Nodes, postgresql_url: str) -> Iterator[RunningNode]:
    settings = {"DATABASE_URL": postgresql_url, "SECRET_KEY": "k" * 40, "CHAT_RATE_LIMITS": "off"}
    with nodes.running(**settings) as node:
        yield node


def test_two_people_talk(node: RunningNode) -> None:
    with Conversation(node, KINDS["python, WebSocket"]) as conversation:
        for step in conversation.steps:
            step()


def test_a_node_killed_under_load_loses_no_acked_message(node: RunningNode) -> None:
    with Crowd(node, "lobby", 20) as crowd:
        crowd.write(15)
        crowd.wait_acked(60)

        node.kill()
        acked_before = crowd.acked()
        node.start()
        began_at = time.monotonic()
        crowd.write(3)
        crowd.wait_acked(len(acked_before) + 1)
        writable_after = time.monotonic() - began_at

        crowd.settle()
        assert 60 <= len(acked_before) < 300, "it was killed in the middle of it"
        assert writable_after < WRITABLE_SECONDS


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
