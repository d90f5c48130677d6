"""Every state that is worth a picture is accessible: a scene that is added is checked without a word here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.axe import findings, pale_texts
from tests.e2e.lent_browser import LentBrowser
from tests.e2e.people import AT_HOME, DESKTOP, PHONE, People, prepare
from tests.e2e.person import Person
from tests.e2e.scenes import ANA, SCENES, Corner, Scene, lived_on, message_menu, people_list
from tests.running import RunningNode

# What one sees of 1280 × 800 pixels at 200 %.
ZOOMED = {"width": 640, "height": 400}
OVERFLOW = "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
A_FRAME = "() => new Promise((drawn) => requestAnimationFrame(drawn))"
# Coming to these on a phone is another way than making the window of a desktop narrow.
ON_A_PHONE = (people_list, lived_on, message_menu)
CASES = [pytest.param(scene, DESKTOP, id=scene.__name__) for scene in SCENES] + [
    pytest.param(scene, PHONE, id=f"{scene.__name__}-phone") for scene in ON_A_PHONE
]


@pytest.fixture(scope="module")
def desktop(browser: Browser) -> Iterator[LentBrowser]:
    context = prepare(browser.new_context(**(AT_HOME | DESKTOP)))
    yield LentBrowser(context, DESKTOP)
    context.close()


@pytest.mark.parametrize(("scene", "looks"), CASES)
def test_every_state_is_accessible(
    people: People, node: RunningNode, desktop: LentBrowser, scene: Scene, looks: dict[str, Any]
) -> None:
    """Axe finds nothing in either scheme, wide and narrow, and at 200 % nothing is cut off or covered."""
    person = people.borrowing(desktop, ANA, node) if looks is DESKTOP else people.person(ANA, looks)
    corner = Corner(whole=node, name=f"{scene.__name__}-{looks['viewport']['width']}")
    scene(corner, people, person)

    has_no_findings(person.page)
    if looks is DESKTOP:
        fits(person, ZOOMED)
        narrow_to_a_phone(person.page)
        has_no_findings(person.page)
    fits(person, PHONE["viewport"])


def has_no_findings(page: Page) -> None:
    """Of what axe looks at, a scheme changes the colours and nothing else."""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    assert findings(page) == []
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert pale_texts(page) == []


def narrow_to_a_phone(page: Page) -> None:
    page.set_viewport_size(PHONE["viewport"])
    finger = {"enabled": True, "maxTouchPoints": 1}
    page.context.new_cdp_session(page).send("Emulation.setTouchEmulationEnabled", finger)
    page.wait_for_function("() => matchMedia('(pointer: coarse) and (hover: none)').matches")


def fits(person: Person, size: Any) -> None:
    person.page.set_viewport_size(size)
    person.page.evaluate(A_FRAME)  # the page has heard of it
    assert person.page.evaluate(OVERFLOW) <= 0
    for part in (person.page.locator("dialog[open]"), person.composer):
        if part.count():
            expect(part).to_be_in_viewport(ratio=1)
