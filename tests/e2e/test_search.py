"""Searching: one types, and is led to what was said; without a mouse, and back again."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.crowd import say_all, speaker
from tests.e2e.line import Line
from tests.e2e.people import DESKTOP, People
from tests.e2e.person import Person
from tests.running import RunningNode

SAID = ("Die Straße ist schön", "We plant the tomatoes on Saturday", "Bring the tomatoes\nand a spade")


def dialog(page: Page) -> Locator:
    return page.get_by_test_id("search")


def field(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Search for")


def results(page: Page) -> Locator:
    return page.get_by_test_id("found")


def note(page: Page) -> Locator:
    return page.locator("#search-note")


def look_for(page: Page, words: str) -> None:
    """At once: of words that come letter by letter the first ones may be looked for, too."""
    expect(field(page)).to_be_focused()
    field(page).fill(words)


@pytest.fixture
def ana(people: People, node: RunningNode, room: str) -> Person:
    """In a room where much was said since."""
    ana = people.ana()
    ana.enter(node, room)
    with speaker(node, room, "Ben") as ben:
        say_all(ben, room, [*SAID, *(f"Something else, number {n}" for n in range(150))])
    expect(ana.messages.last).to_contain_text("number 149")
    return ana


def test_one_finds_what_was_said_and_is_led_there_without_a_mouse(ana: Person) -> None:
    page = ana.page
    page.keyboard.press("Control+Shift+F")
    expect(field(page)).to_be_focused()
    expect(note(page)).to_have_text("Words, or a “phrase” in quotation marks.")

    look_for(page, "TOMATOES")
    expect(results(page)).to_have_count(2)
    expect(results(page).first).to_contain_text("Ben")
    expect(results(page).first.locator("mark")).to_have_text("tomatoes")
    expect(results(page).first).to_contain_text("Bring the tomatoes and a spade")
    expect(note(page)).to_have_text("2 messages found in the last 24 hours")

    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(results(page).nth(1)).to_have_attribute("aria-selected", "true")
    expect(field(page)).to_have_attribute("aria-activedescendant", "search-result-1")
    page.keyboard.press("Enter")

    expect(dialog(page)).to_be_hidden()
    expect(page.locator("[data-linked]")).to_contain_text("We plant the tomatoes")
    expect(page.locator("[data-linked]")).to_be_focused()
    expect(page.locator("[data-linked]")).to_be_in_viewport()


def test_accents_do_not_count_and_a_click_leads_there_too(ana: Person) -> None:
    page = ana.page
    page.get_by_test_id("menu-open").click()
    page.get_by_role("button", name="Search messages").click()
    look_for(page, "strasse schon")

    expect(results(page)).to_have_count(1)
    assert results(page).locator("mark").all_text_contents() == ["Straße", "schön"]
    results(page).click()

    expect(page.locator("[data-linked]")).to_contain_text("Die Straße ist schön")
    expect(page.locator("[data-linked]")).to_be_in_viewport()


def test_esc_gives_the_focus_back_and_what_was_typed_is_there_the_next_time(ana: Person) -> None:
    page = ana.page
    ana.composer.focus()
    page.keyboard.press("Control+Shift+F")
    look_for(page, "tomatoes")
    expect(results(page)).to_have_count(2)
    page.keyboard.press("Escape")
    expect(ana.composer).to_be_focused()

    ana.say("No tomatoes for me")
    ana.all_is_sent()
    page.keyboard.press("Control+Shift+F")
    expect(field(page)).to_have_value("tomatoes")
    expect(results(page)).to_have_count(3)
    look_for(page, "potatoes")
    expect(note(page)).to_have_text("Nothing found in the last 24 hours")
    expect(results(page)).to_have_count(0)


def test_of_many_the_newest_come_first_and_more_when_one_asks(ana: Person) -> None:
    page = ana.page
    page.keyboard.press("Control+Shift+F")
    look_for(page, "something")
    expect(results(page)).to_have_count(20)
    expect(results(page).first).to_contain_text("number 149")
    expect(note(page)).to_have_text("The newest 20 messages")

    page.get_by_role("button", name="Search further back").click()
    expect(results(page)).to_have_count(40)
    expect(note(page)).to_have_text("The newest 40 messages")
    expect(field(page)).to_be_focused()
    for _ in range(41):
        page.keyboard.press("ArrowDown")
    expect(results(page)).to_have_count(60)


def test_what_is_no_query_says_why(ana: Person) -> None:
    page = ana.page
    page.keyboard.press("Control+Shift+F")
    look_for(page, '""')

    expect(note(page)).to_have_text("A search needs something to look for.")


def test_without_a_connection_it_waits_and_goes_on(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    line = Line(ana.page)
    ana.enter(node, room)
    ana.say("tomatoes")
    ana.all_is_sent()
    ana.page.keyboard.press("Control+Shift+F")
    expect(note(ana.page)).not_to_be_empty()  # its script is here
    line.state = "refusing"
    ana.go_offline()
    look_for(ana.page, "tomatoes")
    expect(note(ana.page)).to_have_text("Waiting for the connection…")

    line.state = "open"
    ana.context.set_offline(False)
    expect(results(ana.page)).to_have_count(1)


def test_all_rooms_one_was_in_are_searched_one_after_the_other(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter(node, f"{room}-other")
    ana.say("tomatoes elsewhere")
    ana.all_is_sent()
    ana.come_back(node, room)
    ana.say("tomatoes here")
    ana.all_is_sent()
    page = ana.page
    page.keyboard.press("Control+Shift+F")
    look_for(page, "tomatoes")
    expect(results(page)).to_have_count(1)

    page.get_by_role("radio", name="All my rooms").check()
    expect(results(page)).to_have_count(2)
    expect(results(page).nth(1)).to_contain_text(f"in {room}-other")
    results(page).nth(1).click()

    expect(page.get_by_role("heading", level=1)).to_have_text(f"{room}-other")
    expect(page.locator("[data-linked]")).to_contain_text("tomatoes elsewhere")


def test_a_server_that_does_not_search_is_not_asked(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    ana.page.add_init_script(
        "const has = Set.prototype.has;"
        "Set.prototype.has = function (value) { return value !== 'search' && has.call(this, value); };"
    )
    ana.enter(node, room)
    ana.page.keyboard.press("Control+Shift+F")
    ana.page.get_by_test_id("menu-open").click()

    expect(dialog(ana.page)).to_be_hidden()
    expect(ana.page.get_by_role("button", name="Go to another room")).to_be_visible()
    expect(ana.page.get_by_role("button", name="Search messages")).to_be_hidden()


def test_it_fits_with_letters_of_twice_the_size(people: People, node: RunningNode, room: str) -> None:
    ana = people.person("Ana", {**DESKTOP, "viewport": {"width": 360, "height": 640}})
    ana.enter(node, room)
    ana.say("A rather long message about tomatoes, which goes on for a while and has more than one line")
    ana.all_is_sent()
    ana.page.evaluate("document.documentElement.style.fontSize = '200%'")
    ana.page.keyboard.press("Control+Shift+F")
    look_for(ana.page, "tomatoes")
    expect(results(ana.page)).to_have_count(1)

    assert ana.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert dialog(ana.page).evaluate("box => box.scrollWidth <= box.clientWidth")
    expect(note(ana.page)).to_be_in_viewport()


@pytest.mark.parametrize("is_greeted", [True, False])
def test_what_is_typed_before_the_dialog_s_script_is_there_belongs_to_it(
    people: People, node: RunningNode, room: str, is_greeted: bool
) -> None:
    """Also before the server has said that it searches."""
    ana = people.ana()
    ana.enter(node, room)
    ana.say("tomatoes")
    ana.all_is_sent()
    scripts, sockets = (
        ana.holds_up("**/search-dialog*"),
        [] if is_greeted else ana.holds_up("**/socket.io*.js"),
    )
    ana.page.reload()
    expect(ana.page.get_by_test_id("message")).to_have_count(1)
    if is_greeted:
        ana.is_online()
    expect(ana.composer).to_be_focused()
    ana.page.keyboard.press("Control+Shift+F")
    ana.page.keyboard.type("tomat")

    expect(field(ana.page)).to_have_value("tomat")
    expect(ana.composer).to_have_value("")
    ana.lets_go("**/search-dialog*", scripts)
    if not is_greeted:
        ana.lets_go("**/socket.io*.js", sockets)
    expect(results(ana.page)).to_have_count(1)
