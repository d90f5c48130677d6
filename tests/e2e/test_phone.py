"""On a phone: nothing is too small to tap or zoom into, hidden behind a hover, or under the keyboard."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.e2e.crowd import say_all, speaker
from tests.e2e.people import People
from tests.e2e.person import Person
from tests.e2e.test_both_dialects import original_client
from tests.running import RunningNode
from tests.talkers import PythonTalker

FONT_SIZES = """fields => fields.map(field => [field.id, parseFloat(getComputedStyle(field).fontSize)])"""
INVISIBLE = """all => all.filter(one => getComputedStyle(one).opacity === '0').map(one => one.outerHTML)"""
# As on phones whose keyboard covers the page: what can be seen is less, the page is as high as before.
COVER = """height => {
  Object.defineProperty(visualViewport, 'height', { get: () => height, configurable: true });
  visualViewport.dispatchEvent(new Event('resize'));
}"""
KEYBOARD_HEIGHT = 336
# The first message whose beginning is on the screen, once that has been the same for some frames.
FIRST_SEEN = """() => {
  const { top } = document.querySelector('[data-testid=messages]').getBoundingClientRect();
  const rows = [...document.querySelectorAll('[data-seq]')];
  return Number(rows.find(row => row.getBoundingClientRect().top > top).dataset.seq);
}"""
TOP_OF = "seq => document.querySelector(`[data-seq='${seq}']`).getBoundingClientRect().top"
STANDS_STILL = f"""width => {{
  const first = ({FIRST_SEEN})();
  const isSame = window.stillAt === first && window.width === innerWidth && innerWidth === width;
  window.stillFor = isSame ? window.stillFor + 1 : 0;
  [window.stillAt, window.width] = [first, innerWidth];
  return window.stillFor > 10;
}}"""
# A page that has much to do hears late of what has another size now.
HEARS_LATE_OF_SIZES = """window.ResizeObserver = class extends ResizeObserver {
  constructor(heard) { super((...sizes) => setTimeout(heard, 1_000, ...sizes)); }
}"""
EDGES = "part => part.getBoundingClientRect().toJSON()"


def test_no_field_is_so_small_that_the_phone_zooms_in(people: People, node: RunningNode, room: str) -> None:
    ben = people.ben()
    ben.page.goto(node.url)
    sizes = ben.page.eval_on_selector_all("input, textarea", FONT_SIZES)
    ben.enter(node, room)
    sizes += ben.page.eval_on_selector_all("input, textarea", FONT_SIZES)

    assert {name for name, _ in sizes} >= {"name", "room", "name-input", "composer-input"}
    assert [name for name, size in sizes if size < 16] == []


def test_nothing_waits_for_a_pointer_that_hovers(people: People, node: RunningNode, room: str) -> None:
    ben = people.ben()
    ben.enter(node, room)
    ben.say("one", "two")
    ben.all_is_sent()
    time = ben.message("two").locator(".message-time")

    # Of a choice its words are seen, which lie below the button that takes the finger; and the minute of a
    # message is that above it, as long as nobody asks.
    is_shown_elsewhere = ":not(.choice-input, .message-time)"
    assert ben.page.eval_on_selector_all(f"body {is_shown_elsewhere}", INVISIBLE) == []
    expect(time).to_have_css("opacity", "0")
    ben.message("two").tap()
    expect(time).to_have_css("opacity", "1")
    expect(ben.message("two").get_by_test_id("message-more")).to_be_visible()


def test_the_time_beside_a_message_does_not_run_into_its_words(
    people: People, node: RunningNode, room: str
) -> None:
    ben = people.ben()
    ben.enter(node, room)
    ben.say("one", "two")
    ben.all_is_sent()

    row = ben.message("two")
    row.locator("time").evaluate("time => { time.textContent = '00:00'; }")
    edges = [row.locator(part).evaluate(EDGES) for part in (".message-time", ".message-text")]
    assert edges[0]["right"] + 4 <= edges[1]["left"]


def test_people_are_a_sheet(people: People, node: RunningNode, room: str) -> None:
    ben = people.ben()
    ben.enter(node, room)
    listed = ben.page.get_by_test_id("person")
    expect(listed).to_be_hidden()
    button = ben.page.get_by_role("button", name="people here")
    button.tap()
    sheet = ben.page.get_by_role("dialog", name="Here now (1)")
    expect(sheet).to_be_visible()
    expect(listed).to_contain_text("Ben")
    expect(listed).to_be_in_viewport(ratio=1)

    sheet.get_by_role("button", name="Close").tap()
    expect(sheet).to_be_hidden()
    expect(button).to_be_focused()
    button.tap()
    expect(sheet).to_be_visible()
    ben.page.touchscreen.tap(200, 100)  # beside it
    expect(sheet).to_be_hidden()
    button.tap()
    expect(sheet).to_be_visible()
    ben.page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()


def test_a_phone_that_is_turned_shows_what_it_showed(people: People, node: RunningNode, room: str) -> None:
    ben = people.ben()
    with speaker(node, room) as carl:
        for size in reads_further_up(ben, node, carl, room, by=5_000):
            first = ben.page.evaluate(FIRST_SEEN)
            assert 1 < first < 75
            top = ben.page.evaluate(TOP_OF, first)
            ben.page.set_viewport_size(size)
            ben.page.wait_for_function(STANDS_STILL, arg=size["width"])
            assert ben.page.evaluate(TOP_OF, first) == pytest.approx(top, abs=1)


def test_a_phone_that_is_turned_as_a_message_comes_shows_what_it_showed(
    people: People, node: RunningNode, room: str
) -> None:
    ben = people.ben()
    ben.context.add_init_script(HEARS_LATE_OF_SIZES)
    with speaker(node, room) as carl:
        for last, size in enumerate(reads_further_up(ben, node, carl, room, by=2_000), 81):
            first = ben.page.evaluate(FIRST_SEEN)
            top = ben.page.evaluate(TOP_OF, first)
            ben.page.set_viewport_size(size)
            ben.page.wait_for_function("width => innerWidth === width", arg=size["width"])
            say_all(carl, room, [f"{last}: and one more"])
            expect(ben.page.locator(f"[data-seq='{last}']")).to_be_attached()
            assert ben.page.evaluate(TOP_OF, first) == pytest.approx(top, abs=1)


def reads_further_up(
    ben: Person, node: RunningNode, carl: PythonTalker, room: str, *, by: int
) -> tuple[ViewportSize, ViewportSize]:
    """In a room of 80 messages. What is given is the size of the phone when turned, and turned back."""
    say_all(carl, room, [f"{n}: " + "many words that fill more than one line " * 4 for n in range(1, 81)])
    ben.enter(node, room)
    upright = ben.page.viewport_size
    assert upright is not None
    ben.page.get_by_test_id("messages").evaluate("(box, by) => { box.scrollTop -= by; }", by)
    expect(ben.page.get_by_test_id("new-pill")).to_be_visible()
    ben.page.wait_for_function(STANDS_STILL, arg=upright["width"])
    return {"width": upright["height"], "height": upright["width"]}, upright


def test_the_keyboard_never_covers_the_composer(people: People, node: RunningNode, room: str) -> None:
    ben = people.ben()
    ben.enter(node, room)
    ben.say("hello")
    size = ben.page.viewport_size
    assert size is not None
    seen = size["height"] - KEYBOARD_HEIGHT

    ben.page.evaluate(COVER, seen)
    for part in (ben.composer, ben.message("hello"), ben.connection):
        box = part.bounding_box()
        assert box is not None
        assert 0 <= box["y"] <= box["y"] + box["height"] <= seen

    ben.page.evaluate(COVER, size["height"])
    ben.page.set_viewport_size({"width": size["width"], "height": seen})  # as on the other phones
    expect(ben.composer).to_be_in_viewport(ratio=1)
    expect(ben.message("hello")).to_be_in_viewport(ratio=1)


def test_a_long_list_of_people_can_be_closed_from_its_end(
    people: People, node: RunningNode, room: str
) -> None:
    ben = people.ben()
    ben.enter(node, room)
    with ExitStack() as stack:
        for number in range(30):
            stack.enter_context(original_client(node, room, f"x{number}", f"Guest {number}"))
        ben.page.get_by_role("button", name="people here").tap()
        sheet = ben.page.get_by_role("dialog", name="Here now (31)")
        sheet.get_by_test_id("person").last.scroll_into_view_if_needed()
        expect(sheet.get_by_test_id("person").first).not_to_be_in_viewport()

        expect(sheet.get_by_role("heading")).to_be_in_viewport(ratio=1)
        close = sheet.get_by_role("button", name="Close")
        expect(close).to_be_in_viewport(ratio=1)
        close.tap()
        expect(sheet).to_be_hidden()
