"""Those who read from right to left, those whom motion makes ill, and those who read larger type."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.line import Line
from tests.e2e.people import DESKTOP, PHONE, People
from tests.running import RunningNode

MOVING = "document.getAnimations().map(one => one.animationName ?? one.transitionProperty)"


def test_a_text_runs_in_the_direction_of_its_language(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.say("مرحبا بالجميع", "hello everybody", "שלום לכולם")
    ana.all_is_sent()

    directions = ana.page.get_by_test_id("message-text").evaluate_all(
        "texts => texts.map(text => getComputedStyle(text).direction)"
    )
    assert directions == ["rtl", "ltr", "rtl"]
    ana.composer.fill("مرحبا")
    assert ana.composer.evaluate("input => getComputedStyle(input).direction") == "rtl"


def test_who_asked_for_less_motion_gets_none(people: People, node: RunningNode, room: str) -> None:
    """While a message is on its way, the dot of the connection breathes and a sheet rises: all that moves."""
    for looks, motion in ((DESKTOP, "no-preference"), (DESKTOP, "reduce"), (PHONE, "reduce")):
        person = people.person(f"{looks['color_scheme']} {motion}", looks, reduced_motion=motion)
        line = Line(person.page)
        person.enter(node, room)
        line.state = "refusing"
        person.context.set_offline(True)
        person.context.set_offline(False)
        person.stands("reconnecting")
        person.say("on its way")
        if not person.page.get_by_test_id("people").is_visible():
            person.page.locator("#people-open").click()
            expect(person.page.locator("#people-sheet")).to_be_visible()

        moving = person.page.evaluate(MOVING)
        assert ("breathe" in moving) == (motion == "no-preference")
        assert motion == "no-preference" or moving == []
