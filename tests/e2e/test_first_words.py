"""What the pages say to somebody who has just come, or who came by a wrong address."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.people import DESKTOP, People
from tests.running import Nodes, RunningNode


@pytest.fixture
def limited_node(chromium_path: str, nodes: Nodes) -> Iterator[RunningNode]:
    with nodes.running() as node:
        yield node


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


@pytest.mark.parametrize("path", ["/", "/chat/lobby"])
def test_without_javascript_the_page_says_so_and_pretends_nothing(
    people: People, node: RunningNode, path: str
) -> None:
    page = people.person("Ana", DESKTOP, java_script_enabled=False).page
    page.goto(node.url + path)

    sentence = page.locator("noscript .problem")  # what is in a noscript is not found by its text
    expect(sentence).to_have_text("This chat needs JavaScript: messages arrive live.")
    expect(sentence).to_be_in_viewport()
    expect(page.get_by_role("textbox")).to_have_count(0)
    expect(page.get_by_role("button")).to_have_count(0)
    expect(page.get_by_text("Connecting…")).to_be_hidden()


def test_a_room_with_a_slash_is_told_what_is_wrong_with_it(people: People, node: RunningNode) -> None:
    page = people.ana().page
    page.goto(f"{node.url}/chat/a%2Fb")
    expect(page.get_by_role("main")).to_contain_text("A room’s name has no “/”.")
    expect(page.get_by_text("Reference")).to_have_count(0)

    page.goto(f"{node.url}/chat/{'x' * 65}")
    expect(page.get_by_role("main")).to_contain_text(
        "A room’s name has at most 64 characters. This one has 65."
    )
    page.goto(f"{node.url}/nothing")
    expect(page.get_by_text("There is nothing", exact=False)).to_have_count(1)
    expect(page.get_by_text("Reference")).to_have_count(0)


def test_the_landing_page_offers_another_room(people: People, node: RunningNode) -> None:
    page = people.ana().page
    page.goto(node.url)
    room = page.get_by_test_id("landing-room")
    first = room.input_value()

    page.evaluate("Math.random = () => 0.5")
    page.get_by_role("button", name="Another suggestion").click()

    expect(room).not_to_have_value(first)


def test_the_alert_about_a_long_message_goes_when_it_is_shortened(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.page.clock.install()
    ana.enter(node, room)
    ana.composer.fill("x" * 4_001)
    ana.composer.press("Enter")
    alert = ana.page.locator("#alert")
    expect(alert).to_contain_text("too long")

    ana.composer.fill("x" * 10)

    expect(alert).to_be_empty()


def test_whoever_opens_one_room_after_another_is_told_why_it_takes_and_how_long(
    people: People, limited_node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter(limited_node, room)
    answers = ana.page.evaluate(
        """async (room) => {
          const answers = [];
          for (let n = 1; n < 5; n += 1) {
            const answer = await fetch(`/api/rooms/${encodeURIComponent(`${room}-${n}`)}/messages`, {
              method: 'POST',
              headers: { 'Content-Type': 'application/json', 'Idempotency-Key': `k${n}` },
              body: '{"content": "hi"}',
            });
            answers.push((await answer.json()).ok);
          }
          return answers;
        }""",
        room[:50],
    )
    assert answers == [True] * 4

    ana.open(limited_node, f"{room[:50]}-sixth")

    words = ana.page.locator("#connection-words")
    expect(words).to_have_text(
        re.compile("^You have opened several new rooms just now. Joining in [3-6][0-9]\\u00a0s.$")
    )
