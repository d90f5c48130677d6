"""How a text stands on the screen: where its lines run, what its links read as, what room it takes."""

from __future__ import annotations

from playwright.sync_api import FloatRect, Locator, expect

from tests.e2e.crowd import say_all, speaker
from tests.e2e.people import People
from tests.e2e.person import Person
from tests.running import RunningNode

REVERSED = "\u202ehttps://evil.example/moc.knab.www//:sptth"
TWO_WAYS = "مرحبا\nThis is English, isn't it?"
CAT = "    /\\_/\\\n   ( o.o )"

# Where each character of an element stands, from left to right.
AS_READ = """element => {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT), found = [], range = new Range();
  for (let node; (node = walker.nextNode()); ) for (let at = 0; at < node.data.length; at += 1) {
    range.setStart(node, at);
    range.setEnd(node, at + 1);
    const { left, top, width } = range.getBoundingClientRect();
    if (width > 0) found.push({ sign: node.data[at], left, top: Math.round(top) });
  }
  const tops = [...new Set(found.map(({ top }) => top))].sort((a, b) => a - b);
  const lines = tops.map((top) => found.filter((one) => one.top === top).sort((a, b) => a.left - b.left));
  return lines.map((line) => line.map(({ sign }) => sign).join(''));
}"""

HEAR_COPIED = """() => {
  const hear = ({ clipboardData }) => (window.copied = clipboardData.getData('text/plain'));
  addEventListener('copy', hear, { once: true });
}"""
HIGH = "\n".join(["from here", *[""] * 3_900, "to here"])
STACKED = "h" + "".join(map(chr, range(0x300, 0x370))) * 20 + "ow"


def as_read(shown: Locator) -> list[str]:
    """Its lines, each from left to right as it stands on the screen."""
    lines: list[str] = shown.evaluate(AS_READ)
    return lines


def box_of(shown: Locator) -> FloatRect:
    box = shown.bounding_box()
    assert box is not None
    return box


def place_of(shown: Locator) -> tuple[float, float]:
    box = box_of(shown)
    return box["y"], box["height"]


def test_texts_run_as_they_are_meant(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    ana.enter(node, room)
    with speaker(node, room, "أحمد") as ahmad:
        say_all(ahmad, room, [REVERSED, TWO_WAYS])
        expect(ana.messages).to_have_count(2)
        ana.say(CAT)
        ana.all_is_sent()
        texts = ana.page.get_by_test_id("message-text")
        assert as_read(texts.nth(0).locator("a")) == ["https://evil.example/moc.knab.www//:sptth"]
        assert as_read(texts.nth(1)) == ["مرحبا"[::-1], "This is English, isn't it?"]
        assert [row.text for row in ana.rows()][2] == CAT

        ahmad.emit("typing", {"room": room, "on": True})
        expect(ana.typing).to_have_text("أحمد is typing…")
        assert as_read(ana.typing) == [f"{'أحمد'[::-1]} is typing…"]


def test_no_text_takes_the_room_of_the_others(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    ana.enter(node, room)
    with speaker(node, room) as carl:
        say_all(
            carl, room, ["first of his", "like the others", "like the others", STACKED, "like the others"]
        )
        expect(ana.messages).to_have_count(5)
        expect(ana.page.get_by_test_id("joins")).to_be_visible()  # nothing moves any more
        ana.page.mouse.move(0, 0)
        pictures = {ana.messages.nth(number).screenshot(animations="disabled") for number in (1, 2, 4)}
        assert len(pictures) == 1  # what is stacked lies over neither neighbour

        say_all(carl, room, [HIGH, "the newest"])
        high = ana.messages.nth(5)
        expect(ana.message("the newest")).to_be_in_viewport(ratio=1)
        top, height = place_of(high)
        assert height < 600
        high.get_by_role("button", name="Show more").click()
        assert place_of(high)[1] > 50_000
        assert place_of(high)[0] == top
        expect(high.get_by_role("button", name="Show less")).to_be_attached()


def test_what_is_copied_of_the_list_are_its_texts(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    ana.enter(node, room)
    with speaker(node, room, "Ben") as ben:
        say_all(ben, room, ["one", "two  of\n them", "three"])
        expect(ana.messages).to_have_count(3)
        ana.say("four")
        ana.all_is_sent()
        expect(ana.page.get_by_test_id("joins")).to_be_visible()  # nothing moves any more
        texts = ana.page.get_by_test_id("message-text")
        assert copied(ana, texts.nth(0), texts.nth(2)) == "one\ntwo  of\n them\nthree"
        time = ana.page.locator("time").first.text_content()
        lines = copied(ana, texts.nth(2), texts.nth(3)).splitlines()
        assert lines[0].startswith("Ben ")
        assert lines[0].endswith(": three")
        assert len(lines[0]) == len(f"Ben {time}: three")
        assert lines[1].startswith("Ana ")


def copied(person: Person, first: Locator, last: Locator) -> str:
    """From the beginning of one text to the end of another, by mouse."""
    (top, _), (bottom, height) = place_of(first), place_of(last)
    left = box_of(first)["x"]
    person.page.evaluate("getSelection().empty()")  # or what is marked would be dragged
    mouse = person.page.mouse
    mouse.move(left + 1, top + 4)
    mouse.down()
    mouse.move(left + 300, bottom + height - 4, steps=5)
    mouse.up()
    person.page.evaluate(HEAR_COPIED)
    person.page.keyboard.press("Control+C")
    text: str = person.page.evaluate("window.copied")
    return text


def test_what_is_typed_after_a_click_into_the_list_is_written(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.say("hello")
    ana.all_is_sent()
    ana.messages.first.click()
    expect(ana.composer).not_to_be_focused()
    ana.page.keyboard.type("well")
    expect(ana.composer).to_have_value("well")
    ana.messages.first.click()
    ana.page.keyboard.type("? yes")
    expect(ana.composer).to_have_value("well? yes")
    expect(ana.page.locator("#shortcuts")).to_be_hidden()
