"""A browser that keeps no cookies: one comes in all the same, for as long as the page is open."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Route, expect

from tests.e2e.people import People
from tests.e2e.person import Person
from tests.running import RunningNode

BLOCKED = {"profile": {"default_content_setting_values": {"cookies": 2}}}


def test_where_cookies_are_blocked_one_is_told_so_and_comes_in_for_this_visit(
    browser_with: Callable[..., Person], people: People, node: RunningNode, room: str
) -> None:
    ana, ben = browser_with("Ana", BLOCKED), people.ben()
    ben.enter(node, room)
    ana.page.goto(node.url)
    expect(ana.page.get_by_test_id("landing-name")).to_be_hidden()
    ana.page.get_by_test_id("landing-room").fill(room)
    ana.page.get_by_test_id("landing-submit").click()

    expect(ana.dialog).to_contain_text("keeps no cookies for this site")
    ana.give_name("Ana")
    ana.is_online()
    ana.say("hello from nowhere")
    ben.sees("hello from nowhere")
    ana.page.keyboard.press("Control+K")
    switcher = ana.page.get_by_role("dialog", name="Go to another room")
    expect(switcher.get_by_role("status")).to_have_text(re.compile("No other room yet"))
    ana.page.keyboard.press("Escape")

    ana.page.reload()
    expect(ana.dialog).to_be_visible()


def test_a_cookie_that_gets_lost_on_the_way_is_missed_once(
    people: People, node: RunningNode, room: str
) -> None:
    """The browser says that it keeps them, and something between takes it away."""
    ana = people.ana()

    def lose_the_cookie(route: Route) -> None:
        answer = route.fetch()
        ana.context.clear_cookies()
        route.fulfill(response=answer, headers={"Content-Type": "application/json"})

    ana.page.route("**/api/session", lose_the_cookie)
    ana.open(node, room)
    ana.give_name("Ana")
    ana.stands("signed-out")

    ana.page.get_by_role("button", name="Sign in").click()
    ana.give_name("Ana")
    ana.is_online()
    ana.say("here after all")
    ana.all_is_sent()
