"""A new version of the page is offered, never forced, and costs nothing that was written."""

from __future__ import annotations

import re

from playwright.sync_api import Route, expect

from tests.e2e.people import People
from tests.running import RunningNode


def test_a_page_of_another_build_offers_to_be_loaded_again(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    is_old = True

    def serve(route: Route) -> None:
        page = route.fetch()
        build = 'data-build="an older one"' if is_old else r"\g<0>"
        route.fulfill(response=page, body=re.sub(r'data-build="\w+"', build, page.text()))

    ana.page.route(re.compile(r"^https?://[^/]+/chat/"), serve)
    ana.enter(node, room)
    offer = ana.page.get_by_test_id("new-build")
    expect(offer).to_contain_text("A new version is here: reload when you like.")
    expect(offer).to_have_role("status")
    ana.composer.fill("half a thought")
    offer.get_by_role("button", name="Not now").click()
    expect(offer).to_be_empty()
    expect(ana.composer).to_be_focused()
    ana.go_offline()
    ana.go_online()
    expect(offer).to_be_empty()  # turned down is turned down

    ana.page.reload()
    is_old = False
    offer.get_by_role("button", name="Reload").click()
    expect(ana.page.locator("body")).not_to_have_attribute("data-build", "an older one")
    ana.is_online()
    expect(ana.composer).to_have_value("half a thought")
    expect(offer).to_be_empty()


def test_a_restart_of_the_same_build_offers_nothing(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.go_offline()
    ana.go_online()
    expect(ana.page.get_by_test_id("new-build")).to_be_empty()
