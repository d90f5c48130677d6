"""Going away: on purpose it is told at once, and signing out leaves nothing behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.line import Line
from tests.e2e.people import People
from tests.running import Nodes, RunningNode, until

# Of the page's own time: whoever waits for longer waits for ever.
NOTHING_TAKES_FIVE_SECONDS = """window.setTimeout = (set => (then, ms, ...more) =>
  ms >= 5_000 ? 0 : set(then, ms, ...more))(window.setTimeout);"""
DAY = "24:00:00"
LEFT_BEHIND = """async () => {
  const database = await new Promise((resolve) => {
    const request = indexedDB.open('chat');
    request.onsuccess = () => resolve(request.result);
  });
  const waiting = await new Promise((resolve) => {
    const request = database.transaction('outbox').objectStore('outbox').getAll();
    request.onsuccess = () => resolve(request.result.map((entry) => entry.content));
  });
  database.close();
  const drafts = Object.keys(localStorage).filter((key) => key.startsWith('draft:'));
  return [...drafts.map((key) => `draft:${key.split('/').at(-1)}`), ...waiting];
}"""


@pytest.fixture(scope="module")
def patient_node(chromium_path: str, nodes: Nodes) -> Iterator[RunningNode]:
    """One that waits for a lost connection for longer than any test does: who is gone on it has said so."""
    with nodes.running(CHAT_RATE_LIMITS="off", CHAT_PRESENCE_GRACE_SECONDS="300") as node:
        yield node


def test_who_goes_to_all_rooms_is_gone_at_once(people: People, patient_node: RunningNode, room: str) -> None:
    ana, ben = people.ana(), people.ben()
    ana.enter(patient_node, room)
    ben.enter(patient_node, room)
    ben.sees_people("Ben", "Ana")

    ana.page.get_by_role("link", name="All rooms").click()

    ben.sees_people("Ben")
    expect(ana.page).to_have_url(f"{patient_node.url}/")
    ana.page.get_by_role("link", name=room).click()
    ana.is_online()
    ben.sees_people("Ben", "Ana")


def test_nobody_is_to_greet_those_whose_connection_is_lost(
    people: People, patient_node: RunningNode, room: str
) -> None:
    ana, ben = people.ana(), people.ben()
    ana.enter(patient_node, room)
    ben.enter(patient_node, room)
    expect(ana.page.get_by_test_id("empty")).to_contain_text("One other is here: say hello.")

    ben.context.close()

    expect(ana.page.get_by_test_id("empty")).to_contain_text("The room is ready")


def test_nobody_waits_for_a_server_that_says_nothing(
    people: People, patient_node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.page.add_init_script(NOTHING_TAKES_FIVE_SECONDS)
    line = Line(ana.page)
    ana.enter(patient_node, room)
    line.loses_answers = True

    ana.page.get_by_role("link", name="All rooms").click()

    expect(ana.page).to_have_url(f"{patient_node.url}/")
    assert line.said("leave") == [{"room": room}]


def test_a_reload_is_not_told_as_a_loss(people: People, patient_node: RunningNode, room: str) -> None:
    ana, ben = people.ana(), people.ben()
    ana.enter(patient_node, room)
    ben.enter(patient_node, room)
    ana.sees_people("Ana", "Ben")
    ana.page.evaluate("""() => {
      window.losses = [];
      const look = () => {
        for (const one of document.querySelectorAll('[data-lost]')) window.losses.push(one.textContent);
      };
      new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
    }""")

    ben.page.reload()
    ben.is_online()
    ana.sees_people("Ana", "Ben")

    assert [loss for loss in ana.page.evaluate("window.losses") if "lost 0" in loss or "lost 1" in loss] == []
    ben.context.close()
    expect(ana.page.locator("[data-lost]")).to_contain_text("connection lost")


def test_signing_out_asks_about_what_waits_and_leaves_nothing_behind(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    line = Line(ana.page)
    ana.enter(node, room)
    ana.composer.fill("half a thou")
    ana.page.reload()
    ana.is_online()
    line.state = "refusing"
    ana.page.reload()
    expect(ana.composer).to_have_value("half a thou")
    ana.say("one", "two")
    ana.has_kept("one", "two")
    ana.composer.fill("ght")
    ana.page.goto(node.url)
    assert sorted(ana.page.evaluate(LEFT_BEHIND)) == [f"draft:{room}", "one", "two"]

    ana.page.get_by_role("button", name="Sign out").click()
    asked = ana.page.get_by_role("dialog")
    expect(asked).to_have_accessible_name("Sign out as Ana?")
    expect(asked).to_contain_text("You cannot come back as this Ana: your messages stay until they expire")
    expect(asked).to_contain_text("2 messages and 1 draft are not sent yet. Signing out discards")
    asked.get_by_role("button", name="Stay").click()
    expect(ana.page.locator("#signed-in")).to_be_visible()
    assert len(ana.page.evaluate(LEFT_BEHIND)) == 3

    ana.page.get_by_role("button", name="Sign out").click()
    asked.get_by_role("button", name="Discard and sign out").click()
    expect(ana.page.locator("#signed-in")).to_be_hidden()
    expect(ana.page.get_by_test_id("landing-name")).to_have_value("")
    assert ana.page.evaluate(LEFT_BEHIND) == []


def test_what_is_older_than_the_retention_is_not_kept_here_either(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    line = Line(ana.page)
    ana.page.clock.install()
    ana.enter(node, room)
    line.state = "refusing"
    ana.page.reload()
    ana.stands("reconnecting")
    ana.say("never sent")
    ana.has_kept("never sent")
    ana.composer.fill("half a thought")
    ana.page.goto(node.url)
    assert sorted(ana.page.evaluate(LEFT_BEHIND)) == [f"draft:{room}", "never sent"]

    ana.page.clock.fast_forward(DAY)
    ana.open(node, room)

    until(lambda: ana.page.evaluate(LEFT_BEHIND) == [])
    ana.stands("reconnecting")  # its script is here, and would show them
    expect(ana.composer).to_have_value("")
    expect(ana.messages).to_have_count(0)


def test_signing_out_without_a_network_says_that_it_did_not_work(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.page.goto(node.url)
    expect(ana.page.locator("#signed-in")).to_be_visible()
    ana.context.set_offline(True)

    sign_out(ana.page)

    expect(ana.page.get_by_role("alert")).to_contain_text("cannot be reached")
    expect(ana.page.locator("#signed-in")).to_be_visible()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("dialog").get_by_role("button", name="Sign out").click()
