"""A long room: little of it is in the page, nothing jumps, and no frame takes long."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import CDPSession, expect

from tests.e2e.crowd import say_all, speaker
from tests.e2e.long_lists import node_with_a_long_room
from tests.e2e.people import People
from tests.e2e.person import Person
from tests.running import Nodes, RunningNode

LENGTH = 10_000
MOST_ROWS = 300
MOST_FRAME_MS = 50
STEP_PX = 900
MOST_STEPS = 3_000
# What is not the page's own is to paint, which a machine without a graphics card does by itself.
OF_THE_PAGE = ("ScriptDuration", "LayoutDuration", "RecalcStyleDuration")
# A step and the frame that shows it; then, a frame later, what it did to the row in the middle of the screen
# beside scrolling it.
STEP = """async (by) => {
  const box = document.querySelector('[data-testid=messages]');
  const frame = () => new Promise(requestAnimationFrame);
  const { left, top, width, height } = box.getBoundingClientRect();
  const eye = document.elementFromPoint(left + width / 2, top + height / 2).closest('[data-seq]');
  const at = eye?.getBoundingClientRect().bottom;
  const from = box.scrollTop;
  box.scrollTop += by;
  window.step = { eye, at, moved: box.scrollTop - from };
  await frame();
}"""
SEEN = """async () => {
  const rows = document.getElementById('message-rows');
  const { eye, at, moved } = window.step;
  await new Promise(requestAnimationFrame);
  const seqs = [...rows.querySelectorAll('[data-seq]')].map(row => Number(row.dataset.seq));
  return {
    jump: eye?.isConnected ? Math.abs(eye.getBoundingClientRect().bottom - at + moved) : 0,
    rows: rows.childElementCount, oldest: seqs[0], newest: seqs.at(-1),
    is_over: moved === 0,
  };
}"""


@pytest.fixture(scope="module")
def long_room(chromium_path: str, nodes: Nodes) -> Iterator[RunningNode]:
    with node_with_a_long_room(nodes, LENGTH) as node:
        yield node


@pytest.mark.alone
def test_ten_thousand_messages_are_scrolled_without_a_jump_and_without_a_long_frame(
    people: People, long_room: RunningNode, note_figure: Callable[[str], None]
) -> None:
    ana = people.ana()
    ana.enter(long_room, "long")
    expect(ana.page.locator(f'[data-seq="{LENGTH}"]')).to_be_in_viewport(ratio=1)

    up = scroll(ana, by=-STEP_PX, until=lambda seen: seen.oldest == 1)
    down = scroll(ana, by=STEP_PX, until=lambda seen: seen.is_over and seen.newest == LENGTH)

    for journey, way in ((up, "up"), (down, "down")):
        note_figure(
            f"{LENGTH} messages {way}: worst frame {journey.longest_ms:.1f} ms, {journey.jump:.1f} px moved, "
            f"{journey.rows} rows at most"
        )
        assert journey.changes > 50  # older ones were loaded, others were laid around the screen
        assert journey.jump < 1
        assert journey.rows <= MOST_ROWS
        assert journey.longest_ms < MOST_FRAME_MS


def test_what_is_said_while_one_reads_far_up_moves_nothing_and_is_one_click_away(
    people: People, long_room: RunningNode
) -> None:
    ana = people.ana()
    ana.enter(long_room, "long")
    scroll(ana, by=-STEP_PX, until=lambda seen: seen.oldest < LENGTH - 1_000)
    expect(ana.page.get_by_test_id("new-pill")).to_have_text("Jump to newest ↓")
    with speaker(long_room, "long") as carl:
        seq, top = under_the_eye(ana)
        say_all(carl, "long", ["one", "two", "three"])

        expect(ana.page.get_by_test_id("new-pill")).to_have_text("3 new messages ↓")
        # Not by a pixel, also where what was asked for on the way has come above it.
        assert under_the_eye(ana) == [seq, pytest.approx(top, abs=0.99)]
        ana.page.get_by_test_id("new-pill").click()
        expect(ana.message("three")).to_be_in_viewport(ratio=1)
        expect(ana.page.get_by_test_id("new-pill")).to_be_hidden()


def test_older_ones_are_there_before_one_comes_to_them_and_not_before_one_wants_them(
    people: People, long_room: RunningNode
) -> None:
    ana = people.ana()
    asked: list[str] = []
    ana.page.on("websocket", lambda socket: socket.on("framesent", lambda frame: asked.append(str(frame))))
    ana.enter(long_room, "long")
    ana.page.get_by_test_id("messages").hover()
    expect(ana.messages).to_have_count(100)
    oldest = int(ana.messages.first.get_attribute("data-seq") or 0)
    assert not any("history" in frame for frame in asked)

    ana.page.mouse.wheel(0, -400)
    expect(ana.page.locator(f'[data-seq="{oldest - 1}"]')).to_be_attached()
    expect(ana.page.locator(f'[data-seq="{oldest}"]')).not_to_be_in_viewport()
    assert sum("history" in frame for frame in asked) == 1


class MainThread:
    """The work of a page in processor time: on a machine that others use too, a clock measures them."""

    def __init__(self, person: Person) -> None:
        self._session: CDPSession = person.context.new_cdp_session(person.page)
        self._session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def ms(self) -> float:
        metrics = self._session.send("Performance.getMetrics")["metrics"]
        return sum(float(one["value"]) for one in metrics if one["name"] in OF_THE_PAGE) * 1_000


@dataclass
class Journey:
    """All steps in one direction."""

    changes: int = 0
    jump: float = 0
    rows: int = 0
    oldest: int = LENGTH
    newest: int = 0
    is_over: bool = False
    longest_ms: float = 0
    """Of a frame, with the little that is measured in it."""
    _oldest_now: int = LENGTH
    _newest_now: int = LENGTH

    def add(self, seen: dict[str, Any], ms: float) -> None:
        self.changes += (self._oldest_now, self._newest_now) != (seen["oldest"], seen["newest"])
        self._oldest_now, self._newest_now = seen["oldest"], seen["newest"]
        self.jump = max(self.jump, seen["jump"])
        self.rows = max(self.rows, seen["rows"])
        self.oldest = min(self.oldest, seen["oldest"])
        self.newest = max(self.newest, seen["newest"])
        self.is_over = seen["is_over"]
        self.longest_ms = max(self.longest_ms, ms)


def scroll(person: Person, *, by: int, until: Callable[[Journey], bool]) -> Journey:
    work, journey = MainThread(person), Journey()
    for _ in range(MOST_STEPS):
        before = work.ms()
        person.page.evaluate(STEP, by)
        between = work.ms()
        seen = person.page.evaluate(SEEN)
        journey.add(seen, max(between - before, work.ms() - between))
        if until(journey):
            return journey
    raise AssertionError(f"it never came to that: {journey}")


def under_the_eye(person: Person) -> list[Any]:
    found: list[Any] = person.page.get_by_test_id("messages").evaluate("""box => {
      const { left, top, width, height } = box.getBoundingClientRect();
      const row = document.elementFromPoint(left + width / 2, top + height / 2).closest('[data-seq]');
      return [row.dataset.seq, row.getBoundingClientRect().top];
    }""")
    return found
