"""Emoji are found by a word, chosen by keys or a pointer, and put where one writes."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.e2e.people import People
from tests.e2e.person import Person
from tests.running import RunningNode


def picker_of(person: Person) -> Locator:
    return person.page.get_by_test_id("emoji-picker")


def open_picker(person: Person) -> Locator:
    person.page.get_by_test_id("composer-emoji").click()
    search = person.page.get_by_role("combobox", name="Search emoji")
    expect(search).to_be_focused()
    return search


def test_one_is_found_by_its_name_and_put_where_the_caret_is(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.composer.fill("well done!")
    ana.composer.press("ControlOrMeta+ArrowLeft")
    ana.composer.press("ControlOrMeta+ArrowLeft")

    search = open_picker(ana)
    search.press_sequentially("tada")
    expect(picker_of(ana)).to_contain_text("party popper :tada:")
    search.press("Enter")

    expect(picker_of(ana)).to_have_count(0)
    expect(ana.composer).to_be_focused()
    expect(ana.composer).to_have_value("well 🎉done!")
    assert ana.page.evaluate("composer.hasAttribute('data-has-text')")


def test_the_arrows_lead_from_one_to_the_next_and_to_the_line_below(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter(node, room)
    search = open_picker(ana)
    active = ana.page.locator("#emoji-active")
    for key in ("ArrowRight", "ArrowRight", "ArrowRight"):
        search.press(key)
    expect(active).to_have_text("😄")
    search.press("ArrowDown")
    below = active.bounding_box()
    search.press("ArrowUp")
    expect(active).to_have_text("😄")
    above = active.bounding_box()

    assert above
    assert below
    assert (below["x"], below["y"]) == (above["x"], above["y"] + above["height"])
    expect(search).to_have_attribute("aria-activedescendant", "emoji-active")
    search.press("Enter")
    expect(ana.composer).to_have_value("😄")


def test_closed_without_an_answer_it_changes_nothing(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.composer.fill("hello")
    open_picker(ana).press("Escape")
    expect(picker_of(ana)).to_have_count(0)

    open_picker(ana)
    ana.page.get_by_test_id("composer-emoji").click()
    expect(picker_of(ana)).to_have_count(0)

    open_picker(ana)
    ana.page.mouse.click(5, 300)
    expect(picker_of(ana)).to_have_count(0)
    expect(ana.composer).to_have_value("hello")


def test_what_was_used_stands_first_the_next_time_in_the_colour_of_skin_that_was_chosen(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter(node, room)
    open_picker(ana)
    ana.page.get_by_role("combobox", name="Skin tone").select_option("🏾")
    search = ana.page.get_by_role("combobox", name="Search emoji")
    search.fill("thumbsup")
    search.press("Enter")
    expect(ana.composer).to_have_value("👍🏾")

    ana.page.reload()
    ana.is_online()
    open_picker(ana)
    recent = ana.page.get_by_role("group", name="Recently used").get_by_role("option")
    expect(recent).to_have_text(["👍🏾"])
    recent.click()
    expect(ana.composer).to_have_value("👍🏾👍🏾")


def test_a_name_that_nothing_has_is_said_to_be_none(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    ana.enter(node, room)
    search = open_picker(ana)
    search.fill("xyzzy")

    expect(picker_of(ana)).to_contain_text("No emoji of that name.")
    search.press("Enter")
    expect(picker_of(ana)).to_be_visible()


def test_a_word_is_completed_while_one_writes(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.composer.press_sequentially("hooray :ta")
    options = ana.page.get_by_test_id("completion").get_by_role("option")
    expect(options.first).to_contain_text(":taco:")
    expect(ana.composer).to_have_attribute("aria-activedescendant", "completion-0")

    ana.composer.press_sequentially("d")
    expect(options).to_have_text(["🎉 :tada:"])
    ana.composer.press("Enter")
    expect(ana.composer).to_have_value("hooray 🎉 ")
    ana.sees()
    ana.composer.press("Enter")
    ana.sees("hooray 🎉")


def test_the_arrows_choose_and_escape_leaves_the_word(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.composer.press_sequentially(":smi")
    options = ana.page.get_by_test_id("completion").get_by_role("option")
    expect(options.nth(1)).to_be_visible()
    ana.composer.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    name = (options.nth(1).text_content() or "").split()[0]
    ana.composer.press("Tab")
    expect(ana.composer).to_have_value(f"{name} ")

    ana.composer.fill("")
    ana.composer.press_sequentially("at 10:30 or :smi")
    expect(options.first).to_be_visible()
    ana.composer.press("Escape")
    expect(options).to_have_count(0)
    expect(ana.composer).to_be_focused()
    expect(ana.composer).to_have_value("at 10:30 or :smi")
