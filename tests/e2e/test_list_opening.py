"""Where a room opens, where what is new begins, and what counts as read."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.e2e.crowd import numbered, say_all, speaker
from tests.e2e.line import Line
from tests.e2e.people import People
from tests.e2e.person import Person
from tests.e2e.read_cursor import ReadCursor
from tests.running import RunningNode, until
from tests.talkers import PythonTalker

# Every page counts as focused while tests run: this one is told what one behind another window knows.
GO_AWAY = "() => { document.hasFocus = () => false; dispatchEvent(new Event('blur')); }"
COME_BACK = "() => { delete document.hasFocus; dispatchEvent(new Event('focus')); }"
HEAR_REST = """box => {
  window.rests = false;
  box.addEventListener('scrollend', () => (window.rests = true), { once: true });
}"""
LONGER_THAN_ANY_WAIT_MS = 5_000
SKELETON_MS = 150
TEXT_BELOW = "line => line.nextElementSibling.querySelector('[data-testid=message-text]').textContent"
# When it can be seen, how long the skeleton was in the page, by the clock of the animation that hid it last:
# one stands before the question for a name, and is over when that opens.
WATCH_SKELETON = """
const look = () => {
  const skeleton = document.getElementById('skeleton');
  if (skeleton && skeleton.getClientRects().length > 0) {
    window.hiding = skeleton.getAnimations()[0] ?? window.hiding;
    const isSeen = getComputedStyle(skeleton).visibility === 'visible';
    if (isSeen) window.seenAfter ??= window.hiding?.playState === 'finished' ? window.hiding.currentTime : 0;
  }
  requestAnimationFrame(look);
};
look();
"""


def test_with_nothing_new_a_room_opens_at_the_newest_after_one_question(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    line = Line(ana.page)
    with speaker(node, room) as carl:
        say_all(carl, room, numbered(60))
    ana.enter(node, room)

    expect(ana.message("message 60")).to_be_in_viewport(ratio=1)
    expect(divider(ana)).to_have_count(0)
    expect(ana.page.get_by_test_id("unread-above")).to_be_hidden()
    assert len(line.said("join")) == 1
    assert line.said("history") == []


def test_a_room_opens_at_the_first_unread_message(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    line = Line(ana.page)
    with speaker(node, room) as carl:
        has_been_away(ana, node, room, carl, read=50, new=50)

        ana.come_back(node, room)

        expect(divider(ana)).to_be_in_viewport(ratio=1)
        assert divider(ana).evaluate(TEXT_BELOW) == "new 1"
        expect(ana.message("message 50")).to_be_in_viewport()  # what came before it is in sight
        expect(ana.message("new 50")).not_to_be_in_viewport()
        expect(ana.page.get_by_test_id("new-pill")).to_contain_text("new messages")
        assert line.said("history") == []


def test_a_few_new_messages_are_seen_with_their_divider_at_the_end(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    with speaker(node, room) as carl:
        has_been_away(ana, node, room, carl, read=60, new=2)

        ana.come_back(node, room)

        expect(divider(ana)).to_be_in_viewport(ratio=1)
        expect(ana.message("new 2")).to_be_in_viewport(ratio=1)
        say_all(carl, room, numbered(40, "newer"))
        expect(ana.message("newer 40")).to_be_in_viewport(ratio=1)  # it sticks to the end


def test_the_divider_stays_until_one_leaves(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    with speaker(node, room) as carl:
        cursor = has_been_away(ana, node, room, carl, read=50, new=50)
        ana.come_back(node, room)

        ana.page.get_by_test_id("new-pill").click()
        reads_to(100, ana, cursor)
        say_all(carl, room, numbered(5, "newer"))
        ana.say("my own")
        reads_to(106, ana, cursor)
        assert divider(ana).evaluate(TEXT_BELOW) == "new 1"

        leave(ana, node, room, read=106)
        ana.come_back(node, room)
        expect(ana.message("my own")).to_be_in_viewport(ratio=1)
        expect(divider(ana)).to_have_count(0)


def test_what_comes_while_the_page_is_not_in_front_is_new_and_not_read(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    cursor = ReadCursor(ana.page)
    with speaker(node, room) as carl:
        say_all(carl, room, numbered(3))
        ana.enter(node, room)
        reads_to(3, ana, cursor)
        say_all(carl, room, ["seen"])
        expect(ana.message("seen")).to_be_visible()
        expect(divider(ana)).to_have_count(0)
        cursor.comes_to(4)

        ana.page.evaluate(GO_AWAY)
        say_all(carl, room, numbered(2, "away"))
        expect(ana.message("away 2")).to_be_visible()
        assert divider(ana).evaluate(TEXT_BELOW) == "away 1"

        ana.page.evaluate(COME_BACK)
        assert cursor.seq == 4
        reads_to(6, ana, cursor)
        assert divider(ana).evaluate(TEXT_BELOW) == "away 1"


def test_whoever_comes_back_to_a_hidden_page_finds_it_where_what_is_new_begins(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    cursor = ReadCursor(ana.page)
    with speaker(node, room) as carl:
        say_all(carl, room, numbered(30))
        ana.enter(node, room)
        reads_to(30, ana, cursor)
        ana.becomes("hidden")
        ana.page.evaluate(GO_AWAY)
        say_all(carl, room, numbered(250, "away"))
        expect(ana.page.get_by_test_id("new-pill")).to_contain_text("new messages")

        ana.becomes("visible")
        ana.page.evaluate(COME_BACK)
        ana.page.mouse.move(410, 310)
        ana.page.mouse.move(400, 300, steps=2)
        expect(divider(ana)).to_be_in_viewport(ratio=1)
        assert divider(ana).evaluate(TEXT_BELOW) == "away 1"
        until(lambda: cursor.seq == newest_on_screen(ana))
        assert cursor.seq < 80

        say_all(carl, room, ["once more"])
        expect(divider(ana)).to_be_in_viewport(ratio=1)
        ana.page.get_by_test_id("new-pill").click()
        expect(ana.message("once more")).to_be_in_viewport(ratio=1)


def test_what_passed_while_one_looked_elsewhere_leaves_a_way_back_to_its_beginning(
    people: People, node: RunningNode, room: str
) -> None:
    """The window is in sight beside another one: the list follows, and nobody has to have watched it."""
    ana = people.ana()
    cursor = ReadCursor(ana.page)
    with speaker(node, room) as carl:
        say_all(carl, room, numbered(30))
        ana.enter(node, room)
        reads_to(30, ana, cursor)
        ana.page.evaluate(GO_AWAY)
        for n in range(60):
            say_all(carl, room, [f"away {n}"])
            expect(ana.message(f"away {n}").last).to_be_in_viewport(ratio=1)

        ana.page.evaluate(COME_BACK)
        ana.page.mouse.move(410, 310)
        ana.page.mouse.move(400, 300, steps=2)
        ana.page.get_by_test_id("unread-above").click()
        expect(divider(ana)).to_be_in_viewport(ratio=1)
        assert divider(ana).evaluate(TEXT_BELOW) == "away 0"
        expect(ana.page.get_by_test_id("unread-above")).to_be_hidden()


def test_a_message_is_read_when_it_was_on_the_screen_of_somebody_who_does_something(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    line = Line(ana.page)
    cursor = ReadCursor(ana.page)
    ana.page.clock.install()
    with speaker(node, room) as carl:
        say_all(carl, room, numbered(50))
        ana.enter(node, room)
        ana.page.mouse.move(400, 300, steps=2)
        ana.page.clock.fast_forward(LONGER_THAN_ANY_WAIT_MS)
        cursor.comes_to(50)
        leave(ana, node, room, read=50)
        say_all(carl, room, numbered(50, "new"))

        ana.come_back(node, room)
        expect(divider(ana)).to_be_in_viewport()
        assert said_after_a_while(ana, line) == [50]  # nobody may sit there

        ana.page.mouse.move(410, 310, steps=2)
        visible = newest_on_screen(ana)
        assert 50 < visible < 100
        assert said_after_a_while(ana, line) == [50, visible]

        turns_the_wheel(ana, 300)
        further = newest_on_screen(ana)
        assert further >= visible + 5
        assert said_after_a_while(ana, line) == [50, visible, further]

        ana.page.evaluate(GO_AWAY)
        ana.page.mouse.wheel(0, 10_000)
        expect(ana.message("new 50")).to_be_in_viewport(ratio=1)
        assert said_after_a_while(ana, line) == [50, visible, further]


def test_where_more_is_new_than_was_loaded_there_is_a_way_to_its_beginning(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    with speaker(node, room) as carl:
        has_been_away(ana, node, room, carl, read=50, new=400)

        ana.come_back(node, room)
        expect(ana.message("new 400")).to_be_in_viewport(ratio=1)
        expect(divider(ana)).to_have_count(0)
        ana.page.get_by_test_id("unread-above").click()

        expect(divider(ana)).to_be_in_viewport(ratio=1)
        assert divider(ana).evaluate(TEXT_BELOW) == "new 1"
        expect(ana.page.get_by_test_id("unread-above")).to_be_hidden()
        ana.page.get_by_test_id("new-pill").click()
        expect(ana.message("new 400")).to_be_in_viewport(ratio=1)
        expect(ana.page.get_by_test_id("unread-above")).to_be_hidden()


def test_the_shape_of_messages_is_shown_to_who_waits_for_them_and_not_at_once(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    Line(ana.page).loses_answers = True
    skeleton = ana.page.get_by_test_id("skeleton")
    ana.open(node, room)
    expect(ana.dialog).to_be_visible()
    expect(skeleton).to_be_hidden()
    ana.page.evaluate(WATCH_SKELETON)
    ana.give_name("Ana")

    expect(skeleton).to_be_visible()
    ana.page.wait_for_function("() => window.seenAfter !== undefined")
    assert ana.page.evaluate("seenAfter") >= SKELETON_MS


def divider(person: Person) -> Locator:
    return person.page.get_by_test_id("new")


def has_been_away(
    person: Person, node: RunningNode, room: str, carl: PythonTalker, *, read: int, new: int
) -> ReadCursor:
    """So much was said and read; then one left, and so much more was said."""
    cursor = ReadCursor(person.page)
    say_all(carl, room, numbered(read))
    person.enter(node, room)
    reads_to(read, person, cursor)
    leave(person, node, room, read=read)
    say_all(carl, room, numbered(new, "new"))
    return cursor


def reads_to(seq: int, person: Person, cursor: ReadCursor) -> None:
    person.page.mouse.move(410, 310)
    person.page.mouse.move(400, 300, steps=2)
    cursor.comes_to(seq)


def turns_the_wheel(person: Person, by: int) -> None:
    """Until the list stands still again: a browser takes its time for the way."""
    person.page.get_by_test_id("messages").evaluate(HEAR_REST)
    person.page.mouse.wheel(0, by)
    until(lambda: person.page.evaluate("window.rests"))


def said_after_a_while(person: Person, line: Line) -> list[int]:
    """All that the page has said of what was read."""
    person.page.clock.fast_forward(LONGER_THAN_ANY_WAIT_MS)
    person.page.evaluate("0")
    return [payload["seq"] for payload in line.said("read")]


def newest_on_screen(person: Person) -> int:
    seq: int = person.page.get_by_test_id("messages").evaluate("""box => {
      const { bottom } = box.getBoundingClientRect();
      const rows = [...box.querySelectorAll('[data-seq]')];
      return Number(rows.findLast(row => row.getBoundingClientRect().bottom < bottom + 1).dataset.seq);
    }""")
    return seq


def leave(person: Person, node: RunningNode, room: str, *, read: int) -> None:
    """What was read is stored as soon as one has gone."""
    person.page.get_by_role("link", name="All rooms").click()
    person.page.wait_for_url("**/")
    until(lambda: stored_read(person, node, room) == read)


def stored_read(person: Person, node: RunningNode, room: str) -> int:
    rooms = person.context.request.get(f"{node.url}/api/rooms").json()
    [read] = [one["read"] for one in rooms if one["id"] == room]
    return int(read)
