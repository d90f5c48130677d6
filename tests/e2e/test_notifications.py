"""Notifications: asked for by a gesture, per room, and only of what nobody has read yet."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.e2e.people import People
from tests.e2e.person import Person
from tests.e2e.test_unread_marks import LOOK_AWAY, look
from tests.running import RunningNode, until

# A browser that asks, and keeps what it was to show. What is answered is the test's.
BROWSER = """
window.asked = 0;
window.shown = [];
window.Notification = class Notification extends EventTarget {
  static kept(name) { return location.protocol === 'about:' ? null : localStorage.getItem(name); }
  static permission = Notification.kept('permission') ?? 'default';
  static async requestPermission() {
    window.asked += 1;
    Notification.permission = localStorage.permission = Notification.kept('answer') ?? 'granted';
    return Notification.permission;
  }
  constructor(title, { body, tag }) {
    super();
    window.shown.push({ title, body, tag, isClosed: false });
    this.index = window.shown.length - 1;
    window.last = this;
  }
  close() { window.shown[this.index].isClosed = true; }
};
"""


# How many tabs tell of messages, and how many wait for that: nobody does before what it takes has come.
TELLING = """async () => {
  const { held, pending } = await navigator.locks.query();
  return [held, pending].map(locks => locks.filter(({ name }) => name.includes('chat-notifier:')).length);
}"""


def with_notifications(person: Person, node: RunningNode, room: str) -> None:
    person.context.add_init_script(BROWSER)
    person.enter(node, room)


def switch_of(page: Page) -> Locator:
    if not page.get_by_test_id("menu").is_visible():
        page.get_by_test_id("menu-open").click()
    return page.get_by_role("switch", name="Notify me of messages here")


def wants_notifications(page: Page) -> None:
    """From now on it tells of what comes."""
    switch_of(page).check()
    is_telling(page)


def is_telling(page: Page, *, while_another_waits: bool = False) -> None:
    until(lambda: page.evaluate(TELLING) == [1, int(while_another_waits)])


def shown(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate("window.shown")
    return found


def is_told(page: Page, count: int) -> None:
    page.wait_for_function("count => window.shown.length === count", arg=count)


def test_one_is_asked_after_a_gesture_and_told_of_what_others_say_while_looking_away(
    people: People, node: RunningNode, room: str
) -> None:
    ana, ben = people.ana(), people.ben()
    with_notifications(ana, node, room)
    ben.enter(node, room)
    ben.say("before")
    ana.sees("before")
    assert ana.page.evaluate("window.asked") == 0
    wants_notifications(ana.page)
    expect(ana.page.locator("#menu-notify-hint")).to_have_text("While you look at something else")
    assert ana.page.evaluate("window.asked") == 1

    ben.say("while one looks")
    ana.sees("before", "while one looks")
    ana.page.evaluate(LOOK_AWAY)
    ana.say("my own")
    ana.all_is_sent()
    ben.say("are you there?")
    is_told(ana.page, 1)
    [one] = shown(ana.page)
    assert (one["title"], one["body"]) == (f"Ben in {room}", "are you there?")

    ana.page.evaluate("window.last.dispatchEvent(new Event('click'))")
    expect(ana.page).to_have_url(f"{node.url}/chat/{room}#s4")
    assert shown(ana.page)[0]["isClosed"]


def test_a_no_is_respected_and_explained(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    with_notifications(ana, node, room)
    ana.page.evaluate("localStorage.answer = 'denied'")
    switch = switch_of(ana.page)
    expect(ana.page.locator("#menu-notify-hint")).to_have_text("Your browser may ask you first")
    switch.click()

    expect(switch).not_to_be_checked()
    expect(switch).to_be_disabled()
    expect(switch).to_have_accessible_description("Your browser blocks them for this site")


def test_two_tabs_of_a_room_tell_once_and_the_other_takes_over(
    people: People, node: RunningNode, room: str
) -> None:
    ana, ben = people.ana(), people.ben()
    with_notifications(ana, node, room)
    wants_notifications(ana.page)
    tab = ana.another_tab()
    tab.come_back(node, room)
    is_telling(ana.page, while_another_waits=True)
    ben.enter(node, room)
    for page in (ana.page, tab.page):
        page.evaluate(LOOK_AWAY)

    ben.say("once")
    is_told(ana.page, 1)
    tab.sees("once")
    ana.page.close()
    is_telling(tab.page)
    ben.say("by the other")
    is_told(tab.page, 1)
    assert [one["body"] for one in shown(tab.page)] == ["by the other"]


def test_what_comes_while_the_page_still_loads_what_tells_is_told(
    people: People, node: RunningNode, room: str
) -> None:
    ana, ben = people.ana(), people.ben()
    with_notifications(ana, node, room)
    wants_notifications(ana.page)
    ben.enter(node, room)
    held = ana.holds_up("**/notify-*.js")
    ana.come_back(node, room)
    coming = ana.comes_to(held)
    ana.page.evaluate(LOOK_AWAY)
    ben.say("are you there?")
    ana.sees("are you there?")

    coming.continue_()
    is_told(ana.page, 1)
    assert [one["body"] for one in shown(ana.page)] == ["are you there?"]


def test_what_was_missed_is_history_and_silent_and_another_room_too(
    people: People, node: RunningNode, room: str
) -> None:
    ana, ben = people.ana(), people.ben()
    with_notifications(ana, node, room)
    wants_notifications(ana.page)
    ben.enter(node, room)
    ana.page.evaluate(LOOK_AWAY)
    ana.go_offline()
    ben.say("missed")
    ben.all_is_sent()
    ana.go_online()
    ana.sees("missed")
    ben.say("live")
    is_told(ana.page, 1)
    assert [one["body"] for one in shown(ana.page)] == ["live"]

    look(ana)
    ana.page.wait_for_function("() => window.shown[0].isClosed")  # read: taken back
    ana.come_back(node, f"{room}-2")
    expect(switch_of(ana.page)).not_to_be_checked()
