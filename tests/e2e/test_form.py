"""The form of messages: a small Markdown, as people know it, over a text that stays what was typed."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.e2e.crowd import say_all, speaker
from tests.e2e.people import People
from tests.e2e.person import Person
from tests.e2e.test_texts import box_of, copied
from tests.running import RunningNode

LIST = "Bring:\n- **seeds**\n- *string*\n\nand `gloves`, [see there](https://example.org/list)"
CODE = "Like so:\n```js\nfunction water() {\n\tpour(" + "x, " * 60 + ");\n}\n```\nthat is it"
# The first look waits for the parser, however slow the machine is, and not for a moment alone.
PATIENT = """window.setTimeout = (set => (then, ms, ...more) =>
  ms === 150 ? 0 : set(then, ms, ...more))(window.setTimeout);"""
TABLE = "plant\tmetres\ntomato\t0.5\nbeans by the fence\t0.25"


def text_of(person: Person, number: int = 0) -> Locator:
    return person.page.get_by_test_id("message-text").nth(number)


def test_a_text_is_shown_in_its_form_and_is_still_what_was_typed(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.say(LIST)
    ana.all_is_sent()

    text = text_of(ana)
    expect(text.locator("li")).to_have_count(2)
    expect(text.locator("strong")).to_have_text("**seeds**")
    assert text.inner_text().split() == ["Bring:", "seeds", "string", "and", "gloves,", "see", "there"]
    assert ana.rows()[0].text == LIST
    link = text.get_by_role("link", name="see there")
    expect(link).to_have_attribute("href", "https://example.org/list")
    expect(link).to_have_attribute("title", "https://example.org/list")
    expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")


def test_who_comes_back_sees_the_form_with_the_first_look(
    people: People, node: RunningNode, room: str
) -> None:
    """Nothing moves when the parser comes: it is there before what needs it."""
    ana = people.ana()
    ana.enter(node, room)
    ana.say("first", CODE, "last")
    ana.all_is_sent()
    ana.page.add_init_script(
        PATIENT
        + """
      self.shifts = [];
      new PerformanceObserver((list) => shifts.push(...list.getEntries().map((one) => one.value)))
        .observe({ type: 'layout-shift', buffered: true });
    """
    )
    ana.page.reload()
    ana.is_online()

    expect(ana.page.locator(".form-code")).to_be_visible()
    assert sum(ana.page.evaluate("shifts")) < 0.1


def test_code_scrolls_sideways_and_is_copied_by_its_button(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ana.enter(node, room)
    ana.say(CODE)
    ana.all_is_sent()

    code = text_of(ana).locator("pre")
    wide, shown = code.evaluate("code => [code.scrollWidth, code.clientWidth]")
    assert wide > shown
    code.hover()
    ana.page.get_by_role("button", name="Copy code").click()
    expect(ana.page.get_by_role("button", name="Copied")).to_be_visible()
    copied = ana.page.evaluate("navigator.clipboard.readText()")
    assert copied == CODE.partition("```js\n")[2].partition("\n```")[0]


def test_a_key_reaches_the_code_of_a_message(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.say(CODE)
    ana.all_is_sent()
    expect(text_of(ana).locator("pre")).to_be_attached()
    ana.page.locator("#messages").focus()
    ana.page.keyboard.press("ArrowUp")
    expect(ana.messages.first).to_be_focused()
    spoken = ana.messages.first.get_attribute("aria-label")
    assert spoken is not None
    assert "```" not in spoken
    assert "function water()" in spoken

    reached = []
    for _ in range(4):
        ana.page.keyboard.press("Tab")
        reached.append(ana.page.evaluate("document.activeElement.className"))
    assert {"form-wide", "form-copy"} <= set(reached)


def test_a_table_that_was_pasted_lines_up(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.say(TABLE)
    ana.all_is_sent()

    cells = text_of(ana).locator("tr > td:nth-child(2)")
    expect(cells).to_have_count(3)
    assert len({place_of_cell(cells.nth(number)) for number in range(3)}) == 1
    assert ana.rows()[0].text == TABLE


def place_of_cell(cell: Locator) -> float:
    box = cell.bounding_box()
    assert box is not None
    return box["x"]


def test_a_whole_text_is_copied_as_it_was_typed_and_a_part_as_it_is_shown(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.say(LIST, "hello")
    ana.all_is_sent()
    expect(text_of(ana).locator("li")).to_have_count(2)

    text = text_of(ana)
    assert copied(ana, text, text) == LIST
    assert copied(ana, text, text_of(ana, 1)) == f"{LIST}\nhello"
    assert copied(ana, text.locator("strong"), text.locator("em")) == "seeds\nstring"


def test_a_few_emoji_alone_are_large(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.say("🎉", "a 🎉")
    ana.all_is_sent()

    large, usual = (text_of(ana, number).bounding_box() for number in range(2))
    assert large is not None
    assert usual is not None
    assert large["height"] > 1.5 * usual["height"]


def test_what_stands_below_does_not_move_when_a_text_of_another_is_formed(
    people: People, node: RunningNode, room: str
) -> None:
    """The parser is late, and one reads further up."""
    ana = people.ana()
    ana.loads_nothing_ahead()
    ana.enter(node, room)
    with speaker(node, room) as carl:
        say_all(carl, room, [f"line {number}" for number in range(60)])
        expect(ana.message("line 59")).to_be_visible()
        held = ana.holds_up("**/dist/parts-*.js")
        ana.page.get_by_test_id("messages").evaluate("box => { box.scrollTop -= 600; }")
        expect(ana.message("line 59")).not_to_be_in_viewport()
        eye = ana.message("line 45")
        before = box_of(eye)
        say_all(carl, room, [CODE, "below it"])
        expect(ana.message("below it")).to_be_attached()
    ana.comes_to(held)
    ana.lets_go("**/dist/parts-*.js", held)

    expect(ana.page.locator(".form-code")).to_be_attached()
    assert box_of(eye) == before


def test_code_within_a_line_has_the_letters_of_code(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.say("at `noon`")

    code = text_of(ana).locator("code")

    expect(code).to_have_css("font-family", re.compile("monospace$"))
    expect(code).not_to_have_css("background-color", "rgba(0, 0, 0, 0)")
