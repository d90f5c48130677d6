"""Low and narrow windows, and colours that the system forces: nothing is cut off, nothing invisible."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.people import DESKTOP, People
from tests.running import RunningNode

OUTLINE = (
    "document.querySelector('#composer').matches(':focus-within') && getComputedStyle(composer).outlineStyle"
)
THUMB = "getComputedStyle(document.querySelector('#menu-joins'), '::before').content"


@pytest.mark.parametrize("size", [(640, 400), (320, 568), (320, 400), (1280, 800)])
def test_an_empty_room_is_read_from_its_beginning(
    people: People, node: RunningNode, room: str, size: tuple[int, int]
) -> None:
    width, height = size
    ana = people.person("Ana", {**DESKTOP, "viewport": {"width": width, "height": height}})
    ana.enter(node, room)

    expect(ana.page.get_by_text("Nobody has said anything yet")).to_be_in_viewport(ratio=1)
    last = ana.page.get_by_test_id("empty").get_by_role("button").last
    last.focus()
    expect(last).to_be_in_viewport(ratio=1)


def test_where_the_system_forces_its_colours_one_sees_where_one_writes_and_what_is_on(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.person("Ana", DESKTOP, forced_colors="active")
    ana.enter(node, room)
    ana.composer.focus()

    assert ana.page.evaluate(OUTLINE) == "solid"
    assert ana.page.evaluate(THUMB) == "none"
