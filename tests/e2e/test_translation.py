"""A browser translates the page: what people wrote and what it says, but nobody's name and no room's."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.people import People
from tests.running import RunningNode

# Every piece of text that holds one of the words, and would be translated.
TRANSLATED = """words => {
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const { parentElement, data } = walker.currentNode;
    if (parentElement.closest('script') || !parentElement.translate) continue;
    if (words.some((word) => data.includes(word))) found.push(`${parentElement.tagName}: ${data}`);
  }
  return found;
}"""


def test_names_and_rooms_stay_what_they_are(people: People, node: RunningNode, room: str) -> None:
    rose, ben = people.person("Rose Field"), people.ben()
    rose.enter(node, room)
    ben.enter(node, room)
    rose.say("ich bin es")
    ben.sees("ich bin es")
    ben.say("I see")
    rose.sees("ich bin es", "I see")
    expect(rose.page.locator("#announcer")).to_have_text("Ben: I see")
    rose.page.get_by_test_id("menu-open").click()
    rose.page.get_by_role("button", name="Sign out").click()
    expect(rose.page.get_by_role("dialog", name="Sign out as")).to_be_visible()
    rose.page.keyboard.press("Escape")
    rose.page.get_by_test_id("invite").click()
    expect(rose.page.get_by_role("dialog", name="Invite others")).to_be_visible()

    assert rose.page.evaluate(TRANSLATED, [room, "Rose", "Ben"]) == []
    assert rose.page.evaluate(TRANSLATED, ["ich bin es"]) == ["P: ich bin es"]
    rose.page.goto(node.url)
    assert rose.page.evaluate(TRANSLATED, [room, "Rose"]) == []
