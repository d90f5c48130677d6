"""Pictures that are open large: nearer and farther by fingers, wheel, button, keys, and on by a swipe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import CDPSession, Locator, expect

from tests.e2e.files import choose, photo, send
from tests.e2e.people import DESKTOP, PHONE, People
from tests.e2e.person import Person
from tests.e2e.test_files import pictures, sees_pictures
from tests.e2e.test_texts import box_of
from tests.running import RunningNode, until

# How large the picture is, as a multiple of how it is shown whole.
SCALE = "() => new DOMMatrix(getComputedStyle(document.querySelector('.lightbox-image')).transform).a"
Point = tuple[float, float]


@dataclass(frozen=True)
class Fingers:
    """On a screen; several are put down, moved and lifted at once."""

    session: CDPSession

    @classmethod
    def of(cls, person: Person) -> Fingers:
        return cls(person.context.new_cdp_session(person.page))

    def move(self, *ways: tuple[Point, Point], steps: int = 8) -> None:
        self._send("touchStart", [start for start, _ in ways])
        for step in range(1, steps + 1):
            self._send("touchMove", [_between(start, end, step / steps) for start, end in ways])
        for left in range(len(ways) - 1, -1, -1):  # one after the other
            self._send("touchEnd", [end for _, end in ways[:left]])

    def _send(self, kind: str, points: list[Point]) -> None:
        touches = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})


def _between(start: Point, end: Point, share: float) -> Point:
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def pinch(centre: Point, before: float, after: float) -> list[tuple[Point, Point]]:
    """Two fingers beside each other, so many px from the middle between them, and then so many."""
    x, y = centre
    return [((x - before, y), (x - after, y)), ((x + before, y), (x + after, y))]


def scale_of(person: Person) -> float:
    scale: float = person.page.evaluate(SCALE)
    return scale


def place_in_picture(opened: Locator, point: Point) -> Point:
    """Where it is, as shares of the picture."""
    box = box_of(opened.get_by_role("img"))
    return (point[0] - box["x"]) / box["width"], (point[1] - box["y"]) / box["height"]


def is_near(one: Point, other: Point, by: float = 0.01) -> bool:
    return abs(one[0] - other[0]) < by and abs(one[1] - other[1]) < by


def opens_the_first_of_three(people: People, node: RunningNode, room: str, looks: dict[str, Any]) -> Person:
    ana, ben = people.ana(), people.person("Ben", looks)
    ana.enter(node, room)
    ben.enter(node, room)
    choose(ana, *(photo(name, (900, 1600)) for name in ("one.jpg", "two.jpg", "three.jpg")))
    send(ana)
    ana.all_is_sent()
    sees_pictures(ben, 3)
    first = pictures(ben).nth(0)
    first.tap() if ben.has_touch else first.click()
    expect(ben.page.get_by_test_id("lightbox")).to_contain_text("1 of 3")
    ben.page.wait_for_function("() => document.querySelector('.lightbox-image').complete")
    return ben


def test_two_fingers_bring_a_picture_nearer_around_the_place_between_them_and_one_goes_along(
    people: People, node: RunningNode, room: str
) -> None:
    ben = opens_the_first_of_three(people, node, room, PHONE)
    opened, fingers = ben.page.get_by_test_id("lightbox"), Fingers.of(ben)
    between = 235.0, 400.0
    seen = place_in_picture(opened, between)
    fingers.move(*pinch(between, before=30, after=90))
    until(lambda: abs(scale_of(ben) - 3) < 0.05)
    assert is_near(place_in_picture(opened, between), seen)

    along = between[0] - 80, between[1] - 50
    fingers.move((between, along))
    until(lambda: is_near(place_in_picture(opened, along), seen))
    expect(opened).to_contain_text("1 of 3")  # that was no swipe

    fingers.move(*pinch(between, before=120, after=25))
    until(lambda: scale_of(ben) == 1)
    expect(opened).to_contain_text("1 of 3")  # nor was that
    expect(opened.locator(".lightbox-stage")).not_to_have_attribute("data-near", "")


def test_a_finger_that_moves_sideways_goes_on_and_one_that_moves_down_does_not(
    people: People, node: RunningNode, room: str
) -> None:
    ben = opens_the_first_of_three(people, node, room, PHONE)
    opened, fingers = ben.page.get_by_test_id("lightbox"), Fingers.of(ben)
    fingers.move(((300, 400), (120, 410)))
    expect(opened).to_contain_text("2 of 3")
    fingers.move(((200, 200), (220, 500)))
    fingers.move(((200, 400), (170, 400)))
    expect(opened).to_contain_text("2 of 3")
    fingers.move(((100, 400), (280, 390)))
    expect(opened).to_contain_text("1 of 3")
    fingers.move(((100, 400), (280, 390)))
    expect(opened).to_contain_text("1 of 3")


def test_the_wheel_brings_nearer_what_is_under_the_pointer_and_never_farther_than_whole(
    people: People, node: RunningNode, room: str
) -> None:
    ben = opens_the_first_of_three(people, node, room, DESKTOP)
    opened = ben.page.get_by_test_id("lightbox")
    pointer = 640.0, 430.0  # what is narrower than the window stays in its middle
    ben.page.mouse.move(*pointer)
    seen = place_in_picture(opened, pointer)
    for _ in range(4):
        ben.page.mouse.wheel(0, -250)
    ben.page.wait_for_function(f"() => ({SCALE})() === 8")  # no nearer
    assert is_near(place_in_picture(opened, pointer), seen)
    for _ in range(6):
        ben.page.mouse.wheel(0, 250)
    ben.page.wait_for_function(f"() => ({SCALE})() === 1")


def test_the_zoom_button_is_pressed_while_a_picture_is_near_however_that_came(
    people: People, node: RunningNode, room: str
) -> None:
    ben = opens_the_first_of_three(people, node, room, DESKTOP)
    opened = ben.page.get_by_test_id("lightbox")
    zoom = opened.get_by_role("button", name="Zoom", exact=True)
    expect(zoom).to_have_attribute("aria-pressed", "false")
    zoom.click()
    expect(zoom).to_have_attribute("aria-pressed", "true")
    assert scale_of(ben) == 2.5
    zoom.press("Enter")
    expect(zoom).to_have_attribute("aria-pressed", "false")
    assert scale_of(ben) == 1

    ben.page.keyboard.press("+")
    expect(zoom).to_have_attribute("aria-pressed", "true")
    opened.get_by_role("button", name="Next picture").click()
    expect(zoom).to_have_attribute("aria-pressed", "false")
    opened.locator(".lightbox-stage").dblclick()
    expect(zoom).to_have_attribute("aria-pressed", "true")
    ben.page.keyboard.press("0")
    expect(zoom).to_have_attribute("aria-pressed", "false")
