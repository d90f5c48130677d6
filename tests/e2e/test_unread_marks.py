"""What is unread shows where the page is not looked at, and is gone everywhere at once when it was read."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.people import People
from tests.e2e.person import Person
from tests.e2e.test_list_opening import leave
from tests.running import RunningNode

LOOK_AWAY = "document.hasFocus = () => false"
KEEP_BADGE = "navigator.setAppBadge = async (count) => { window.badge = count; };"


def look(person: Person) -> None:
    """Come back to the page, and do something there."""
    person.page.evaluate("delete document.hasFocus; window.dispatchEvent(new Event('focus'))")
    person.page.keyboard.press("Shift")


def is_marked(page: Page, room: str, unread: int) -> None:
    expect(page).to_have_title(f"({unread}) {room}" if unread else room)
    icon = r"icon-unread-\w+\.svg$" if unread else r"icon-(?!unread)\w+\.svg$"
    expect(page.locator("#favicon")).to_have_attribute("href", re.compile(icon))


def has_badge(page: Page, count: int) -> None:
    page.wait_for_function("count => window.badge === count", arg=count)


def test_title_icon_and_badge_tell_what_is_unread_and_all_tabs_and_devices_clear_together(
    people: People, node: RunningNode, room: str
) -> None:
    ana, ben = people.ana(), people.ben()
    ana.context.add_init_script(KEEP_BADGE)
    ana.enter(node, room)
    tab = ana.another_tab()
    tab.come_back(node, room)
    phone = on_another_device(people, ana, node, room)
    ben.enter(node, room)
    everywhere = (ana.page, tab.page, phone.page)
    for page in everywhere:
        page.evaluate(LOOK_AWAY)

    ben.say("one", "two", "three")
    for page in everywhere:
        is_marked(page, room, 3)
    for page in (ana.page, tab.page):
        has_badge(page, 3)

    look(phone)
    for page in everywhere:
        is_marked(page, room, 0)
    for page in (ana.page, tab.page):
        has_badge(page, 0)


def test_the_badge_is_the_sum_of_all_rooms_that_are_open(
    people: People, node: RunningNode, room: str
) -> None:
    ana, ben = people.ana(), people.ben()
    ana.context.add_init_script(KEEP_BADGE)
    ana.enter(node, room)
    ana.page.evaluate(LOOK_AWAY)
    ben.enter(node, room)
    ben.say("one", "two")
    has_badge(ana.page, 2)

    other = ana.another_tab()
    other.come_back(node, f"{room}-2")
    other.page.evaluate(LOOK_AWAY)
    has_badge(other.page, 2)
    ben.come_back(node, f"{room}-2")
    ben.say("three")
    for page in (ana.page, other.page):
        has_badge(page, 3)

    other.page.close()
    has_badge(ana.page, 2)


def test_the_first_page_tells_what_is_unread_and_is_told_what_was_read_meanwhile(
    people: People, node: RunningNode, room: str
) -> None:
    ana, ben = people.ana(), people.ben()
    ana.enter(node, room)
    ben.enter(node, room)
    ben.say("one")
    ana.sees("one")
    leave(ana, node, room, read=1)
    ana.page.reload()  # one goes also where the answer takes its time
    link = ana.page.locator("#visited-rooms").get_by_role("link", name=room)
    expect(link).to_have_accessible_name(room)
    ben.say("two", "three")
    ben.all_is_sent()
    ana.page.reload()
    expect(link).to_have_accessible_name(f"{room} 2 unread")

    tab = ana.another_tab()
    tab.come_back(node, room)
    tab.sees("one", "two", "three")
    leave(tab, node, room, read=3)
    link.focus()
    ana.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # it is looked at again
    expect(link).to_have_accessible_name(room)
    expect(link).to_be_focused()


def on_another_device(people: People, person: Person, node: RunningNode, room: str) -> Person:
    """The same person, known by the same cookie."""
    device = people.person(person.name)
    device.context.add_cookies(person.context.cookies())  # type: ignore[arg-type]
    device.come_back(node, room)
    return device
