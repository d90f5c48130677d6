"""One conversation, whole, by every kind of client there is: what a chat is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conversation import Conversation
from tests.running import Nodes, RunningNode
from tests.talkers import KINDS, MakeTalker

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def node(nodes: Nodes) -> Iterator[RunningNode]:
    with nodes.running(CHAT_RATE_LIMITS="off") as node:
        yield node


@pytest.mark.parametrize("make", KINDS.values(), ids=list(KINDS))
def test_two_people_talk(node: RunningNode, make: MakeTalker) -> None:
    with Conversation(node, make) as conversation:
        for step in conversation.steps:
            step()


def test_clients_of_different_kinds_understand_each_other(node: RunningNode) -> None:
    with Conversation(node, KINDS["node, upgrade"], KINDS["python, polling"]) as conversation:
        for step in conversation.steps:
            step()
