"""What a screen reader hears without being asked: others' messages as they come, and the connection."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.crowd import numbered, say_all, speaker
from tests.e2e.people import People
from tests.running import RunningNode

# All that is ever put into a live region, in order.
RECORD = """addEventListener('DOMContentLoaded', () => {
  window.announced = { announcer: [], status: [] };
  for (const [id, said] of Object.entries(announced)) {
    const textsIn = (all) => all.flatMap((one) => [...one.addedNodes]).map((node) => node.textContent);
    const region = document.getElementById(id);
    if (region) {
      new MutationObserver((records) => said.push(...textsIn(records))).observe(region, { childList: true });
    }
  }
});"""

# What is gathered for a second before it is announced waits until the test has all of it there.
GATHER = """window.gathered = [];
window.setTimeout = (set => (then, ms, ...more) =>
  ms === 1_000 ? void window.gathered.push(then) : set(then, ms, ...more))(window.setTimeout);"""
ANNOUNCE = "() => window.gathered.splice(0).forEach((then) => then())"


@pytest.fixture
def heard() -> Callable[..., list[str]]:
    """What was announced, once there is as much as that."""

    def ask(page: Page, count: int, region: str = "announcer") -> list[str]:
        page.wait_for_function("([id, count]) => announced[id].length >= count", arg=[region, count])
        said: list[str] = page.evaluate("id => announced[id]", region)
        return said

    return ask


def test_a_few_messages_are_read_out_and_a_burst_is_counted(
    people: People, node: RunningNode, room: str, heard: Callable[..., list[str]]
) -> None:
    ana = people.ana()
    ana.page.add_init_script(RECORD + GATHER)
    ana.enter(node, room)
    with speaker(node, room) as carl:
        for texts in (["hello"], numbered(3), numbered(40)):
            count = ana.messages.count()
            say_all(carl, room, texts)
            expect(ana.messages).to_have_count(count + len(texts))
            ana.page.evaluate(ANNOUNCE)
    assert heard(ana.page, 3) == [
        "Carl: hello",
        "Carl: message 1\nCarl: message 2\nCarl: message 3",
        "40 new messages, the last from Carl",
    ]


def test_history_and_what_was_missed_and_ones_own_words_are_not_announced(
    people: People, node: RunningNode, room: str, heard: Callable[..., list[str]]
) -> None:
    ana = people.ana()
    with speaker(node, room) as carl:
        say_all(carl, room, ["history"])
        ana.page.add_init_script(RECORD)
        ana.enter(node, room)
        ana.sees("history")
        ana.go_offline()
        say_all(carl, room, ["missed"])
        ana.say("said offline")
        ana.go_online()
        ana.sees("history", "missed", "said offline")
        elsewhere = ana.another_tab()
        elsewhere.come_back(node, room)
        elsewhere.say("from another tab")
        ana.sees("history", "missed", "said offline", "from another tab")

        say_all(carl, room, ["hello"])

        assert heard(ana.page, 1) == ["Carl: hello"]


def test_the_connection_is_told_as_a_status_and_not_with_every_second_of_its_countdown(
    people: People, node: RunningNode, room: str, heard: Callable[..., list[str]]
) -> None:
    ana = people.ana()
    ana.page.add_init_script(RECORD)
    ana.enter(node, room)
    status = ana.page.get_by_role("status")
    ana.go_offline()
    expect(status).to_have_text("You are offline. What you write will be sent when you are back.")

    ana.go_online()

    expect(status).to_have_text("Online")
    said = heard(ana.page, 2, "status")
    assert said[0] == "You are offline. What you write will be sent when you are back."
    assert len(said) == len(set(said)) <= 3  # “Reconnecting…” too, where that takes more than a moment
