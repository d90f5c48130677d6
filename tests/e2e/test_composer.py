"""Where one writes: it grows, it counts, it keeps what one has written, and nothing sends it by mistake."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.crowd import numbered
from tests.e2e.people import People
from tests.e2e.person import Person
from tests.running import Nodes, RunningNode

ENTER = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13}
LINE = "parseFloat(getComputedStyle(document.querySelector('#composer-input')).lineHeight)"

SAY_AT_ONCE = """(input, texts) => {
  for (const text of texts) {
    input.value = text;
    input.form.requestSubmit();
  }
}"""
FROM_END = "box => box.scrollHeight - box.clientHeight - box.scrollTop"


@pytest.fixture
def strict_node(chromium_path: str, nodes: Nodes) -> Iterator[RunningNode]:
    """One whose rates hold."""
    with nodes.running() as node:
        yield node


def height_of(person: Person) -> float:
    box = person.composer.bounding_box()
    assert box is not None
    return box["height"]


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


def test_on_touch_enter_breaks_the_line_and_with_ctrl_it_sends(
    people: People, node: RunningNode, room: str
) -> None:
    ben = people.ben()
    ben.enter(node, room)
    ben.composer.fill("one")
    ben.composer.press("Enter")
    ben.composer.press_sequentially("two")
    expect(ben.composer).to_have_value("one\ntwo")
    ben.composer.press("Control+Enter")
    ben.sees("one two")


def test_it_grows_to_eight_lines_and_then_scrolls(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    ana.enter(node, room)
    line, one = ana.page.evaluate(LINE), height_of(ana)
    for lines in (2, 5, 8):
        ana.composer.fill("\n".join("x" * lines))
        assert height_of(ana) == pytest.approx(one + (lines - 1) * line, abs=1)
    ana.composer.fill("\n".join("x" * 12))
    assert height_of(ana) == pytest.approx(one + 7 * line, abs=1)
    assert ana.composer.evaluate("input => input.scrollHeight > input.clientHeight")
    ana.composer.press("Enter")
    assert height_of(ana) == pytest.approx(one, abs=1)


@pytest.mark.parametrize("is_measured", [False, True], ids=["by-the-browser", "by-measuring"])
def test_many_lines_hide_no_message(people: People, node: RunningNode, room: str, is_measured: bool) -> None:
    """A browser that sizes a field by itself does; of another one the page measures it."""
    ana, ben = people.ana(), people.person("Ben")
    if is_measured:
        ana.context.add_init_script("CSS.supports = () => false;")
    ana.enter(node, room)
    if is_measured:
        ana.composer.evaluate("input => { input.style.fieldSizing = 'fixed'; }")
    ben.enter(node, room)
    ben.say(*numbered(30))
    expect(ana.message("message 30")).to_be_in_viewport(ratio=1)
    ana.composer.focus()
    for line in range(8):
        ana.page.keyboard.type(f"line {line}")
        ana.page.keyboard.press("Shift+Enter")
        expect(ana.message("message 30")).to_be_in_viewport(ratio=1)
        assert ana.page.get_by_test_id("messages").evaluate(FROM_END) < 1

    ben.say("what comes meanwhile")
    expect(ana.message("what comes meanwhile")).to_be_in_viewport(ratio=1)
    expect(ana.page.get_by_test_id("new-pill")).to_be_hidden()
    ana.composer.fill("")
    assert ana.page.get_by_test_id("messages").evaluate(FROM_END) < 1


def test_one_long_word_makes_the_page_no_wider(people: People, node: RunningNode, room: str) -> None:
    ben = people.ben()
    ben.enter(node, room)
    ben.composer.fill("x" * 400)

    expect(ben.page.get_by_test_id("composer-send")).to_be_in_viewport(ratio=1)
    expect(ben.page.get_by_test_id("menu-open")).to_be_in_viewport(ratio=1)
    ben.page.get_by_test_id("composer-send").tap()
    expect(ben.message("x" * 400)).to_be_visible()
    assert ben.page.evaluate("document.body.scrollWidth - document.body.clientWidth") == 0


def test_what_is_too_long_is_counted_refused_and_kept(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    ana.enter(node, room)
    count = ana.page.locator("#composer-count")
    ana.composer.fill("x" * 3_599)
    expect(count).to_be_empty()
    ana.composer.fill("x" * 3_600)
    expect(count).to_have_text("400 left")
    ana.composer.fill("x" * 4_002)
    expect(count).to_have_text("2 too many")

    ana.composer.press("Enter")
    expect(ana.page.get_by_role("alert")).to_contain_text("too long")
    expect(ana.composer).to_have_value("x" * 4_002)
    ana.sees()
    ana.page.reload()
    expect(ana.composer).to_have_value("x" * 4_002)


def test_every_room_has_a_draft_of_its_own(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.composer.fill("for here")
    ana.come_back(node, f"{room}-2")
    expect(ana.composer).to_have_value("")
    ana.composer.fill("for there")
    ana.come_back(node, room)
    expect(ana.composer).to_have_value("for here")
    ana.composer.press("Enter")
    ana.sees("for here")
    ana.page.reload()
    ana.is_online()
    expect(ana.composer).to_have_value("")


def test_offline_one_writes_on_and_is_told_what_becomes_of_it(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.go_offline()
    expect(ana.connection).to_contain_text("You are offline. What you write will be sent when you are back.")
    ana.say("one", "two")
    expect(ana.connection).to_contain_text("You are offline. 2 messages will be sent when you are back.")
    expect(ana.composer).to_be_enabled()
    expect(ana.page.get_by_test_id("composer-send")).to_be_enabled()
    ana.go_online()
    ana.sees("one", "two")
    ana.all_is_sent()


def test_too_fast_is_counted_down_and_everything_goes_out(
    people: People, strict_node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter(strict_node, room)
    texts = numbered(16)  # so many that a machine that takes a third of a second for each is too fast as well
    ana.composer.evaluate(SAY_AT_ONCE, texts)
    expect(ana.page.locator("[data-testid=message][data-state=waiting]").first).to_contain_text(
        "A bit fast: goes out in"
    )
    expect(ana.composer).to_be_enabled()
    ana.sees(*texts)
    ana.all_is_sent()
