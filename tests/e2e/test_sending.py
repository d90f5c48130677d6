"""From Enter to stored: one row that says what becomes of it, and never two."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.crowd import numbered, say_all, speaker
from tests.e2e.line import Line
from tests.e2e.people import DESKTOP, WITH_MOTION, People
from tests.e2e.scenes import kept_token
from tests.running import Nodes, RunningNode, until

BURST = 10
# Rows that came and went again: a row that is replaced by its twin flickers.
RECORD_GONE = """() => {
  window.gone = [];
  const textsOf = (records) => records.flatMap((one) => [...one.removedNodes]).map((row) => row.textContent);
  new MutationObserver((records) => gone.push(...textsOf(records)))
    .observe(document.getElementById('message-rows'), { childList: true });
}"""
# Held in its first moment: whatever else this machine has to do, no time passes for it.
HOLD_ANIMATIONS = """() => new MutationObserver(() => {
  const deliveries = [...document.querySelectorAll('.message-delivery')];
  for (const animation of deliveries.flatMap((delivery) => delivery.getAnimations())) animation.pause();
}).observe(document.getElementById('message-rows'), { childList: true, subtree: true })"""
# It may be said for a moment only.
WATCH_DELIVERIES = """() => {
  window.delivered = new Set();
  new MutationObserver(() => {
    for (const one of document.querySelectorAll('.message-delivery')) window.delivered.add(one.textContent);
  }).observe(document.getElementById('message-rows'), { childList: true, subtree: true });
}"""
VISIBILITY_AFTER = """(delivery, ms) => {
  for (const one of delivery.getAnimations()) one.currentTime = ms;
  return getComputedStyle(delivery).visibility;
}"""


@pytest.fixture
def strict_node(chromium_path: str, nodes: Nodes) -> Iterator[RunningNode]:
    """One that holds people to its rates."""
    with nodes.running(CHAT_PRESENCE_GRACE_SECONDS="1") as node:
        yield node


def test_a_row_is_the_same_from_the_moment_it_is_written(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    line = Line(ana.page)
    ana.enter(node, room)
    ana.say("first")
    ana.all_is_sent()
    ana.page.evaluate(RECORD_GONE)
    line.loses, line.loses_answers = "event", True

    ana.say("second", "third")
    expect(ana.message("second")).to_have_attribute("data-state", "sending")
    expect(ana.message("third")).to_have_attribute("data-state", "waiting")
    ana.messages.evaluate_all("rows => rows.forEach((row, number) => { row.number = number; })")
    ana.go_offline()
    line.loses, line.loses_answers = None, False
    ana.go_online()
    ana.all_is_sent()

    ana.sees("first", "second", "third")
    assert ana.messages.evaluate_all("rows => rows.map(row => row.number)") == [0, 1, 2]
    assert ana.page.evaluate("gone") == []


def test_sending_is_said_only_when_it_takes_longer_than_300_ms(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.person("Ana", **WITH_MOTION)
    line = Line(ana.page)
    ana.enter(node, room)
    ana.page.evaluate(HOLD_ANIMATIONS)
    line.loses, line.loses_answers = "event", True
    ana.say("hello")

    delivery = ana.message("hello").locator(".message-delivery")
    expect(delivery).to_have_text("Sending…")
    assert delivery.evaluate(VISIBILITY_AFTER, 299) == "hidden"
    assert delivery.evaluate(VISIBILITY_AFTER, 301) == "visible"


def test_a_refused_message_is_copied_and_sent_again(people: People, node: RunningNode, room: str) -> None:
    ana = people.person("Ana", DESKTOP, permissions=["clipboard-read", "clipboard-write"])
    ben = people.ben()
    line = Line(ana.page)
    ana.enter(node, room)
    ben.enter(node, room)
    line.refuses = {"code": "room_closed", "message": "No.", "retryable": False}
    ana.say("one", "two")

    ana.page.evaluate("navigator.clipboard.writeText('from before')")
    row = ana.message("one")
    expect(row).to_contain_text("Not sent. The room is closed.")
    expect(ana.page.locator("[data-state=failed]")).to_have_count(2)
    row.get_by_role("button", name="Copy").click()
    until(lambda: ana.page.evaluate("navigator.clipboard.readText()") == "one")
    line.refuses = None
    row.get_by_role("button", name="Retry").click()

    ben.sees("one")
    expect(row).to_have_attribute("data-state", "sent")
    ana.message("two").get_by_role("button", name="Discard").click()
    ana.sees("one")


def test_whoever_is_too_fast_sees_when_the_next_goes_out_and_loses_nothing(
    people: People, strict_node: RunningNode, room: str
) -> None:
    ana, ben = people.ana(), people.ben()
    ana.enter(strict_node, room)
    ben.enter(strict_node, room)
    first, then = numbered(BURST), numbered(4, "more")
    with speaker(strict_node, room, token=kept_token(ana)) as her_phone:
        say_all(her_phone, room, first)  # a page that is slow is not too fast
        ana.page.evaluate(WATCH_DELIVERIES)
        ana.say(*then)

    ana.page.wait_for_function("() => window.delivered.has('A bit fast: goes out in 1\u00a0s')")
    expect(ana.composer).to_be_enabled()
    for person in (ana, ben):
        person.sees(*first, *then)
    ana.all_is_sent()
    assert ana.log() == ben.log()
