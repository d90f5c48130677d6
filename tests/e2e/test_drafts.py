"""What one is writing: it is its tab's, it is never said twice, and no storage can hold it up."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.people import People
from tests.running import RunningNode

FILL = """() => {
  for (let size = 2 ** 20; size >= 1; size /= 2) {
    try { for (let n = 0; ; n += 1) localStorage.setItem(`ballast ${size} ${n}`, 'x'.repeat(size)); } catch {}
  }
}"""
HOLD_THE_TURN = "void navigator.locks.request('chat-outbox', () => new Promise(() => {}))"
NEVER_OPENS = "indexedDB.open = () => new EventTarget();"
NEVER_STORES = "IDBObjectStore.prototype.put = () => new EventTarget();"


def test_a_draft_is_its_tabs_and_is_taken_over_when_that_is_closed(
    people: People, node: RunningNode, room: str
) -> None:
    left = people.ana()
    left.enter(node, room)
    left.composer.fill("a thought")
    right = left.another_tab()
    right.come_back(node, room)
    expect(right.composer).to_have_value("")
    right.say("ok")
    right.all_is_sent()

    left.page.reload()
    left.is_online()
    expect(left.composer).to_have_value("a thought")
    left.page.close()
    right.is_the_only_tab()
    right.page.reload()
    expect(right.composer).to_have_value("a thought")
    right.composer.press("Enter")
    right.sees("ok", "a thought")
    right.page.reload()
    right.is_online()
    expect(right.composer).to_have_value("")


def test_a_tab_that_only_slept_withdraws_what_another_one_has_taken_over(
    people: People, node: RunningNode, room: str
) -> None:
    """Its lock was lost, as that of a page is which the browser has put aside."""
    asleep = people.ana()
    asleep.context.add_init_script(
        # Nobody is known to be alive. On this page alone: about:blank has no locks.
        "if (navigator.locks) navigator.locks.query = async () => ({ held: [] });"
    )
    asleep.enter(node, room)
    asleep.composer.fill("said once")
    other = asleep.another_tab()
    other.come_back(node, room)

    expect(other.composer).to_have_value("said once")
    expect(asleep.composer).to_have_value("")
    for tab in (asleep, other):
        tab.composer.press("Enter")
    other.sees("said once")
    other.all_is_sent()
    asleep.sees("said once")


def test_in_a_full_storage_the_newest_text_is_kept(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.composer.fill("the old text")
    ana.page.evaluate(FILL)
    text = f"the new text {'x' * 500}"
    ana.composer.fill(text)

    ana.page.reload()
    ana.is_online()
    expect(ana.composer).to_have_value(text)


@pytest.mark.parametrize("what", ["open", "put", "lock"])
def test_storage_that_never_answers_holds_up_nobody(
    people: People, node: RunningNode, room: str, what: str
) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.say("before")
    ana.all_is_sent()
    if what == "lock":
        other = ana.another_tab()
        other.page.goto(f"{node.url}/static/icon.svg")
        other.page.evaluate(HOLD_THE_TURN)
    else:
        ana.context.add_init_script({"open": NEVER_OPENS, "put": NEVER_STORES}[what])

    ana.page.reload()
    ana.is_online()
    ana.sees("before")
    ana.say("one", "two")
    ana.sees("before", "one", "two")
    ana.all_is_sent()
