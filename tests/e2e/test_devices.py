"""One person at several places: two tabs and a phone are one, and what is read at one is read at all."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.people import PHONE, People
from tests.e2e.person import Person
from tests.running import RunningNode

# Every page of a test has the focus; here only the one that is looked at.
LOOK_AWAY = "document.hasFocus = () => Boolean(window.isLookedAt)"
LOOK = """isLookedAt => {
  window.isLookedAt = isLookedAt;
  dispatchEvent(new Event(isLookedAt ? 'focus' : 'blur'));
}"""


def test_what_is_read_at_one_place_is_read_at_all(people: People, node: RunningNode, room: str) -> None:
    desk, ben = people.ana(), people.person("Ben")
    desk.context.add_init_script(LOOK_AWAY)
    desk.enter(node, room)
    tab, phone = desk.another_tab(), second_device(people, desk)
    phone.context.add_init_script(LOOK_AWAY)
    for place in (tab, phone):
        place.come_back(node, room)
    ben.enter(node, room)
    ben.sees_people("Ben", "Ana")
    expect(ben.page.get_by_test_id("person").last).to_contain_text("3 devices")
    ben.say("one", "two", "three")
    for place in (desk, tab, phone):
        expect(place.page).to_have_title(f"(3) {room}")

    look_at(phone)
    for place in (phone, desk, tab):
        expect(place.page).to_have_title(room)
    phone.page.evaluate(LOOK, False)
    ben.say("four")
    for place in (desk, tab, phone):
        expect(place.page).to_have_title(f"(1) {room}")

    look_at(desk)
    for place in (desk, tab, phone):
        expect(place.page).to_have_title(room)


def test_what_one_says_at_one_place_stands_at_the_others_once(
    people: People, node: RunningNode, room: str
) -> None:
    desk = people.ana()
    desk.enter(node, room)
    phone = second_device(people, desk)
    phone.come_back(node, room)
    desk.go_offline()
    phone.go_offline()
    desk.say("desk 1", "desk 2")
    phone.say("phone 1", "phone 2")

    desk.go_online()
    desk.all_is_sent()
    phone.go_online()

    for place in (desk, phone):
        place.sees("desk 1", "desk 2", "phone 1", "phone 2")
        place.all_is_sent()
    assert desk.log() == phone.log()


def look_at(place: Person) -> None:
    place.page.evaluate(LOOK, True)
    place.page.keyboard.press("Shift")  # somebody is really there


def second_device(people: People, person: Person) -> Person:
    """The same person at a phone: their cookie, and nothing else of the browser."""
    device = people.person(person.name, PHONE)
    device.context.add_cookies(person.context.cookies())  # type: ignore[arg-type]
    return device
