"""The page as it is written, which who works on it sees: all other tests load bundles."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.people import People
from tests.running import Nodes


def test_without_bundles_it_is_the_same_page(people: People, nodes: Nodes) -> None:
    with nodes.running(CHAT_RATE_LIMITS="off", CHAT_BUNDLES="off") as node:
        ana = people.ana()
        asked: list[str] = []
        ana.page.on("request", lambda request: asked.append(request.url))
        ana.page.goto(node.url)
        ana.page.get_by_test_id("landing-name").fill("Ana")
        ana.page.get_by_test_id("landing-room").fill("garden")
        ana.page.get_by_test_id("landing-submit").click()
        ana.is_online()
        ana.say("hello")
        ana.all_is_sent()
        expect(ana.page.get_by_test_id("invite")).to_have_css("cursor", "pointer")
        ana.page.keyboard.press("Control+K")
        expect(ana.page.get_by_role("dialog", name="Go to another room")).to_be_visible()

    assert f"{node.url}/static/js/page/room-page.js" in asked
    assert f"{node.url}/static/css/tokens.css" in asked
    assert not [url for url in asked if re.search(r"/static/dist/", url)]
