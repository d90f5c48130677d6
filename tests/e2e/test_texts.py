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


def as_read(shown: Locator) -> list[str]:
    """Its lines, each from left to right as it stands on the screen."""
    lines: list[str] = shown.evaluate(AS_READ)
    return lines


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
