"""How a text stands on the screen: where its lines run, what its links read as, what room it takes."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.e2e.crowd import say_all, speaker
from tests.e2e.people import People
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

HIGH = "\n".join(["from here", *[""] * 3_900, "to here"])
STACKED = "h" + "".join(map(chr, range(0x300, 0x370))) * 20 + "ow"


def as_read(shown: Locator) -> list[str]:
    """Its lines, each from left to right as it stands on the screen."""
    lines: list[str] = shown.evaluate(AS_READ)
    return lines


def place_of(shown: Locator) -> tuple[float, float]:
    box = shown.bounding_box()
    assert box is not None
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
        ana.page.mouse.move(0, 0)
        pictures = {ana.messages.nth(number).screenshot(animations="disabled") for number in (1, 2, 4)}
        assert len(pictures) == 1  # what is stacked lies over neither neighbour

        say_all(carl, room, [HIGH, "the newest"])
    high = ana.messages.nth(5)
    expect(ana.message("the newest")).to_be_in_viewport(ratio=1)
    top, height = place_of(high)
    assert height < 600
    high.get_by_role("button", name="Show all").click()
    assert place_of(high)[1] > 50_000
    assert place_of(high)[0] == top
    expect(high.get_by_role("button", name="Show less")).to_be_attached()
