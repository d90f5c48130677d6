"""What the pages say to somebody who has just come, or who came by a wrong address."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.people import People
from tests.running import RunningNode


def test_the_first_visit_of_anybody_is_quiet_in_the_console(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    said: list[str] = []
    ana.page.on("console", lambda message: said.append(message.text))
    ana.page.goto(node.url)
    expect(ana.page.get_by_test_id("landing-room")).not_to_have_value("")
    ana.page.wait_for_load_state("networkidle")
    ana.open(node, room)
    expect(ana.dialog).to_be_visible()
    ana.give_name("Ana")
    ana.is_online()
    ana.page.goto(node.url)
    expect(ana.page.locator("#signed-in")).to_be_visible()

    assert said == []
