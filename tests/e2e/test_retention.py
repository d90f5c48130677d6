"""What is older than the retention leaves the screen, too, and is never shown again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.people import People
from tests.running import Nodes, RunningNode

RETENTION_SECONDS = 6


@pytest.fixture
def forgetful_node(chromium_path: str, nodes: Nodes) -> Iterator[RunningNode]:
    with nodes.running(CHAT_RETENTION_HOURS=str(RETENTION_SECONDS / 3600)) as node:
        yield node


def test_expired_messages_leave_an_open_page_and_are_not_served_again(
    people: People, forgetful_node: RunningNode, room: str
) -> None:
    ana, ben = people.ana(), people.ben()
    ana.enter(forgetful_node, room)
    ben.enter(forgetful_node, room)
    ana.say("soon vanished", "vanished as well")
    ben.sees("soon vanished", "vanished as well")

    for person in (ana, ben):
        expect(person.messages).to_have_count(0)
        expect(person.page.get_by_test_id("floor")).to_have_text(
            f"Older than {RETENTION_SECONDS} seconds: removed"
        )
    ben.say("fresh")
    ana.sees("fresh")

    newcomer = people.person("Carl")
    newcomer.enter(forgetful_node, room)
    ana.page.reload()
    ana.is_online()
    for person in (newcomer, ana):
        assert set(person.page.get_by_test_id("message-text").all_text_contents()) <= {"fresh"}
        expect(person.page.locator("body")).not_to_contain_text("vanished")
    answer = ana.context.request.get(f"{forgetful_node.url}/api/rooms/{room}/events")
    assert answer.ok
    assert "vanished" not in answer.text()
