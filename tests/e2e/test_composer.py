"""Writing: keys, fingers and input methods, long texts, and half a thought that is still there later."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.e2e.people import People
from tests.running import RunningNode

MOST_LINES = 8
LINES_HIGH = """input => {
  const { lineHeight, paddingTop, paddingBottom } = getComputedStyle(input);
  return (input.clientHeight - parseFloat(paddingTop) - parseFloat(paddingBottom)) / parseFloat(lineHeight);
}"""
ENTER = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13}


def test_the_enter_that_ends_a_composition_does_not_send(
    people: People, node: RunningNode, room: str
) -> None:
    """With an input method for Japanese one chooses by Enter what one means."""
    ana = people.ana()
    ana.enter(node, room)
    ana.composer.focus()
    keys = ana.context.new_cdp_session(ana.page)
    keys.send("Input.imeSetComposition", {"text": "にほんご", "selectionStart": 4, "selectionEnd": 4})
    expect(ana.composer).to_have_value("にほんご")

    keys.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **ENTER})
    keys.send("Input.dispatchKeyEvent", {"type": "keyUp", **ENTER})
    keys.send("Input.insertText", {"text": "日本語"})
    expect(ana.composer).to_have_value("日本語")
    ana.sees()

    ana.composer.press("Enter")
    ana.sees("日本語")
    expect(ana.composer).to_have_value("")


def test_on_touch_enter_breaks_the_line_and_the_button_sends(
    people: People, node: RunningNode, room: str
) -> None:
    ben = people.ben()
    ben.enter(node, room)
    ben.composer.press_sequentially("one")
    ben.composer.press("Enter")
    ben.composer.press_sequentially("two")
    expect(ben.composer).to_have_value("one\ntwo")
    ben.sees()

    ben.page.get_by_test_id("composer-send").tap()

    expect(ben.messages).to_have_count(1)
    assert ben.rows()[0].text == "one\ntwo"
    expect(ben.composer).to_be_focused()  # the keyboard stays open


def test_it_grows_to_eight_lines_and_scrolls_beyond(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    ana.enter(node, room)
    for count in (1, 2, MOST_LINES, MOST_LINES + 4):
        ana.composer.fill("\n".join(["line"] * count))
        assert round(lines_high(ana.composer), 1) == min(count, MOST_LINES)
    ana.composer.press("Enter")
    expect(ana.messages).to_have_count(1)
    assert round(lines_high(ana.composer), 1) == 1


def test_the_last_tenth_is_counted_and_too_long_a_text_is_refused_and_kept(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter(node, room)
    count = ana.page.locator("#composer-count")
    ana.composer.fill("x" * 3_599)
    expect(count).to_be_empty()
    ana.composer.fill("x" * 3_600)
    expect(count).to_have_text("400 left")
    expect(ana.composer).to_have_accessible_description("400 left")
    ana.composer.fill("x" * 4_001)
    expect(count).to_have_text("1 too many")

    ana.composer.press("Enter")

    expect(ana.page.get_by_role("alert").filter(has_text="too long")).to_be_visible()
    expect(ana.composer).to_have_value("x" * 4_001)
    ana.sees()
    ana.composer.fill("x" * 4_000)
    ana.composer.press("Enter")
    expect(ana.messages).to_have_count(1)
    ana.all_is_sent()


def test_every_room_has_a_draft_of_its_own(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.composer.fill("for the first room")
    ana.come_back(node, f"{room}-2")
    expect(ana.composer).to_have_value("")
    ana.composer.fill("for the second")

    ana.come_back(node, room)
    expect(ana.composer).to_have_value("for the first room")
    ana.composer.press("Enter")
    ana.sees("for the first room")
    ana.page.reload()
    ana.is_online()
    expect(ana.composer).to_have_value("")
    ana.come_back(node, f"{room}-2")
    expect(ana.composer).to_have_value("for the second")


def lines_high(composer: Locator) -> float:
    lines: float = composer.evaluate(LINES_HIGH)
    return lines
