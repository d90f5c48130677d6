"""A message lives on: it is changed, taken back, answered, and others nod to it."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, expect

from tests.e2e.axe import findings
from tests.e2e.crowd import id_of, numbered, react, say_all, speaker
from tests.e2e.line import Line
from tests.e2e.people import People
from tests.e2e.person import Person
from tests.e2e.test_announcements import RECORD, heard
from tests.e2e.test_keyboard import tab_to
from tests.e2e.test_notifications import is_told, shown, wants_notifications, with_notifications
from tests.e2e.test_unread_marks import LOOK_AWAY
from tests.running import RunningNode, until

__all__ = ["heard"]

UNDO_MS = 5_000
# A deletion can be undone until the test lets its time pass.
TIME_FOR_UNDO = """window.setTimeout = (set => (then, ms, ...more) =>
  ms > 4_000 && ms <= 5_000 && !window.isOver ? 0 : set(then, ms, ...more))(window.setTimeout);"""
TOP = "row => row.getBoundingClientRect().top"
# A row that is drawn anew gets other children.
WATCH = """box => {
  window.drawn = new Set();
  new MutationObserver(records => records.forEach(({ target }) => {
    const row = target.closest?.('[data-seq]');
    if (row && target === row) window.drawn.add(Number(row.dataset.seq));
  })).observe(box, { subtree: true, childList: true });
}"""


def test_what_one_changes_is_changed_for_everybody(people: People, node: RunningNode, room: str) -> None:
    ana, ben = together(people, node, room)
    ana.say("teh cat")
    ana.all_is_sent()
    ben.sees("teh cat")
    ana.composer.press("ArrowUp")
    expect(target(ana)).to_contain_text("Editing teh cat")
    expect(ana.composer).to_have_value("teh cat")
    assert findings(ana.page) == []
    ana.composer.fill("the cat")
    ana.composer.press("Enter")

    for person in (ana, ben):
        person.sees("the cat")
        expect(person.message("the cat").get_by_test_id("message-edited")).to_have_text("edited")
        expect(person.message("the cat")).not_to_have_attribute("data-change", "waiting")
    expect(ana.composer).to_have_value("")
    expect(target(ana)).to_be_hidden()
    ana.page.reload()
    ana.sees("the cat")


def test_a_text_that_one_has_begun_waits_while_one_changes_another(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.say("one", "two")
    ana.all_is_sent()
    ana.composer.fill("a thought")
    tool(ana, "one", "edit").click()
    expect(ana.composer).to_have_value("one")
    ana.composer.press("Escape")
    expect(ana.composer).to_have_value("a thought")

    tool(ana, "one", "edit").click()
    ana.composer.fill("one, or more")
    ana.page.reload()
    ana.is_online()
    expect(target(ana)).to_contain_text("Editing")
    expect(ana.composer).to_have_value("one, or more")
    other = ana.another_tab()
    other.come_back(node, room)
    expect(other.composer).to_have_value("")
    ana.composer.press("Enter")
    ana.sees("one, or more", "two")
    expect(ana.composer).to_have_value("a thought")


def test_what_one_changes_may_stand_far_above_after_a_reload(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.say("one")
    ana.all_is_sent()
    with speaker(node, room) as carl:
        say_all(carl, room, numbered(250))
        expect(row(ana, 251)).to_be_in_viewport(ratio=1)
    ana.page.goto(ana.page.url + "#s1")
    tool(ana, "one", "edit").click()
    ana.composer.fill("one, or more")
    ana.page.evaluate("history.replaceState(null, '', location.pathname)")
    ana.page.reload()
    ana.is_online()
    expect(target(ana)).to_contain_text("Editing one")
    expect(row(ana, 251)).to_be_in_viewport(ratio=1)
    ana.composer.press("Enter")
    expect(ana.composer).to_have_value("")
    ana.page.goto(ana.page.url + "#s1")
    expect(ana.message("one, or more")).to_be_in_viewport(ratio=1)


def test_what_one_changes_goes_with_its_message(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.say("not for long")
    ana.all_is_sent()
    ana.composer.fill("a thought")
    tool(ana, "not for long", "edit").click()
    ana.composer.fill("for longer")
    other = ana.another_tab()
    other.come_back(node, room)
    delete(other, "not for long")

    expect(target(ana)).to_be_hidden(timeout=30_000)
    expect(ana.page.locator("#alert")).to_contain_text("is not there any more")
    expect(ana.composer).to_have_value("a thought")


def test_a_deleted_message_can_be_had_back_for_a_moment(people: People, node: RunningNode, room: str) -> None:
    ana, ben = together(people, node, room, TIME_FOR_UNDO)
    ana.say("one", "two", "three")
    ana.all_is_sent()
    ben.sees("one", "two", "three")
    tool(ana, "two", "delete").click()
    ana.sees("one", "three")
    expect(gone(ana)).to_have_text(["Message deleted"])
    expect(note(ana)).to_contain_text("Message deleted")
    assert findings(ana.page) == []
    ben.sees("one", "two", "three")
    note(ana).get_by_role("button", name="Undo").click()
    ana.sees("one", "two", "three")
    expect(ana.message("two")).to_be_focused()
    expect(note(ana)).to_be_empty()

    ana.page.evaluate("window.isOver = true")
    for text in ("two", "three"):
        tool(ana, text, "delete").click()
        expect(ana.message(text)).to_have_count(0)
    expect(gone(ana)).to_have_text(["2 messages deleted"])
    expect(gone(ben)).to_have_text(["2 messages deleted"])
    ben.sees("one")
    expect(note(ana)).to_be_empty()


def test_a_page_that_goes_has_deleted_what_it_was_to_delete(
    people: People, node: RunningNode, room: str
) -> None:
    ana, ben = together(people, node, room)
    ana.say("one", "two")
    ana.all_is_sent()
    ben.sees("one", "two")
    tool(ana, "two", "delete").click()
    ana.sees("one")
    ana.page.reload()
    ana.sees("one")
    ben.sees("one")


def test_one_nods_and_others_join_in(people: People, node: RunningNode, room: str) -> None:
    ana, ben = together(people, node, room)
    ben.say("Shall we?")
    tool(ana, "Shall we?", "react").click()
    quick(ana, "👍").click()
    for person, is_own in ((ana, "true"), (ben, "false")):
        expect(reaction(person, "👍")).to_have_text("👍1")
        expect(reaction(person, "👍")).to_have_attribute("aria-pressed", is_own)
    reaction(ben, "👍").tap()
    for person in (ana, ben):
        expect(reaction(person, "👍")).to_have_text("👍2")
        expect(reaction(person, "👍")).to_have_attribute("aria-pressed", "true")
    assert findings(ana.page) == []

    tool(ana, "Shall we?", "more").click()
    ana.page.get_by_role("button", name="Who reacted").click()
    reacted = ana.page.get_by_test_id("reacted").get_by_role("listitem")
    expect(reacted).to_have_text(re.compile("^👍(Ana and Ben|Ben and Ana)$"))
    assert findings(ana.page) == []
    ana.page.keyboard.press("Escape")
    reaction(ana, "👍").click()
    expect(reaction(ben, "👍")).to_have_text("👍1")
    ana.page.reload()
    expect(reaction(ana, "👍")).to_have_attribute("aria-pressed", "false")
    ben.page.reload()
    expect(reaction(ben, "👍")).to_have_attribute("aria-pressed", "true")


def test_any_emoji_can_be_a_reaction(people: People, node: RunningNode, room: str) -> None:
    ana, ben = together(people, node, room)
    ben.say("Tomatoes!")
    tool(ana, "Tomatoes!", "react").click()
    quick(ana, "Other emoji").click()
    picker = ana.page.get_by_test_id("emoji-picker")
    expect(picker).to_be_in_viewport(ratio=1)
    picker.get_by_role("combobox", name="Search emoji").fill("tomato")
    ana.page.keyboard.press("Enter")
    for person in (ana, ben):
        expect(reaction(person, "🍅")).to_have_text("🍅1")


def test_an_answer_leads_to_what_it_answers_and_back(people: People, node: RunningNode, room: str) -> None:
    ana, ben = together(people, node, room)
    ben.say("Who brings the string?")
    ana.sees("Who brings the string?")
    with speaker(node, room) as carl:
        say_all(carl, room, numbered(150))
        expect(ana.message("message 150")).to_be_in_viewport()
        ana.page.get_by_test_id("messages").evaluate("box => { box.scrollTop = 0; }")
        tool(ana, "Who brings the string?", "reply").click()
        expect(target(ana)).to_contain_text("Reply to Ben Who brings the string?")
        ana.say("I do")
    for person in (ana, ben):
        expect(quote_in(person, "I do")).to_contain_text("Ben Who brings the string?")

    quote_in(ana, "I do").click()
    asked = ana.page.locator("[data-linked]")
    expect(asked).to_contain_text("Who brings the string?")
    expect(asked).to_be_in_viewport(ratio=1)
    assert findings(ana.page) == []
    ana.page.get_by_test_id("back-pill").click()
    expect(ana.message("I do")).to_be_in_viewport(ratio=1)
    expect(ana.page.get_by_test_id("back-pill")).to_be_hidden()


def test_what_is_answered_is_changed_and_deleted_in_the_answer_too(
    people: People, node: RunningNode, room: str
) -> None:
    ana, ben = together(people, node, room)
    ben.say("at nien")
    ana.sees("at nien")
    tool(ana, "at nien", "reply").click()
    ana.say("good")
    expect(quote_in(ben, "good")).to_contain_text("Ben at nien")
    with_sheet(ben, "at nien", "edit")
    ben.composer.fill("at nine")
    ben.page.get_by_test_id("composer-send").tap()
    expect(quote_in(ana, "good")).to_contain_text("Ben at nine")
    with_sheet(ben, "at nine", "delete")
    expect(quote_in(ana, "good")).to_have_text("In reply to a message that was deleted")


def test_escape_leaves_an_answer_and_keeps_its_text(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.say("one")
    ana.all_is_sent()
    tool(ana, "one", "reply").click()
    ana.composer.fill("two")
    ana.page.reload()
    ana.is_online()
    expect(target(ana)).to_contain_text("Reply to Ana one")
    ana.composer.press("Escape")
    expect(target(ana)).to_be_hidden()
    ana.composer.press("Enter")
    ana.sees("one", "two")
    ana.all_is_sent()
    expect(quote_in(ana, "two")).to_have_count(0)


def test_changes_wait_for_the_connection_over_a_reload(people: People, node: RunningNode, room: str) -> None:
    """A network that lets pages through and no chat."""
    ana, ben = people.ana(), people.ben()
    line = Line(ana.page)
    ana.enter(node, room)
    ben.enter(node, room)
    ana.say("one", "two", "three")
    ana.all_is_sent()
    ben.sees("one", "two", "three")
    line.state = "refusing"
    ana.go_offline()
    ana.context.set_offline(False)
    ana.composer.press("ArrowUp")
    ana.composer.fill("drei")
    ana.composer.press("Enter")
    expect(ana.message("drei")).to_contain_text("The change waits for the connection")
    assert findings(ana.page) == []
    tool(ana, "two", "delete").click()
    ana.sees("one", "drei")
    tool(ana, "one", "react").click()
    quick(ana, "🎉").click()
    expect(reaction(ana, "🎉")).to_have_text("🎉1")
    until(lambda: {entry["kind"] for entry in ana.outbox()} == {"edit", "delete", "react"})

    ana.page.reload()
    ana.sees("one", "drei")
    ben.sees("one", "two", "three")
    line.state = "open"
    ana.page.reload()
    ana.is_online()
    for person in (ana, ben):
        person.sees("one", "drei")
        expect(reaction(person, "🎉")).to_have_text("🎉1")


def test_two_texts_for_one_message_are_shown_and_one_chooses(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.say("at nine")
    ana.all_is_sent()
    other = ana.another_tab()
    other.come_back(node, room)
    ana.composer.press("ArrowUp")
    for text in ("at ten", "at eleven"):
        other.composer.press("ArrowUp")
        other.composer.fill(text)
        other.composer.press("Enter")
        expect(ana.message(text)).to_be_attached()
    ana.composer.fill("at noon")
    ana.composer.press("Enter")
    ana.page.get_by_role("button", name="Compare").click()
    compared = ana.page.get_by_test_id("compare")
    expect(compared).to_contain_text("at eleven")
    expect(compared).to_contain_text("at noon")
    assert findings(ana.page) == []
    compared.get_by_role("button", name="Use mine").click()
    for person in (ana, other):
        person.sees("at noon")


def test_all_of_it_by_keyboard(people: People, node: RunningNode, room: str) -> None:
    ana, ben = together(people, node, room, TIME_FOR_UNDO)
    ana.say("one", "two", "three")
    ana.all_is_sent()
    ben.sees("one", "two", "three")
    keys = ana.page.keyboard
    tab_to(ana.page, ana.page.get_by_test_id("messages"), backwards=True)
    keys.press("ArrowUp")
    keys.press("+")
    expect(quick(ana, "👍")).to_be_focused()
    keys.press("ArrowRight")
    keys.press("Enter")
    expect(reaction(ben, "❤️")).to_have_text("❤️1")
    expect(ana.message("three")).to_be_focused()

    keys.press("r")
    keys.type("four")
    keys.press("Enter")
    expect(quote_in(ben, "four")).to_contain_text("Ana three")
    tab_to(ana.page, ana.page.get_by_test_id("messages"), backwards=True)
    for _ in range(3):
        keys.press("ArrowUp")
    expect(ana.message("two")).to_be_focused()
    keys.press("e")
    keys.type("!")
    keys.press("Enter")
    ben.sees("one", "two!", "three", "four")

    tab_to(ana.page, ana.page.get_by_test_id("messages"), backwards=True)
    for _ in range(3):
        keys.press("ArrowUp")
    keys.press("Delete")
    expect(ana.page.locator("article:focus")).to_contain_text("three")
    tab_to(ana.page, note(ana).get_by_role("button", name="Undo"))
    keys.press("Enter")
    ana.sees("one", "two!", "three", "four")
    expect(ana.message("two!")).to_be_focused()


def test_who_has_clicked_on_a_message_and_types_is_writing(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.say("one")
    ana.all_is_sent()
    ana.message("one").get_by_test_id("message-text").click()
    ana.page.keyboard.type("every day")
    expect(ana.composer).to_have_value("every day")
    expect(target(ana)).to_be_hidden()


def test_a_finger_that_rests_on_a_message_opens_what_can_be_done(
    people: People, node: RunningNode, room: str
) -> None:
    ana, ben = together(people, node, room)
    ben.say("mine")
    ben.all_is_sent()
    ana.say("of another")
    ben.sees("mine", "of another")
    press_long(ben, "mine")
    sheet = ben.page.get_by_test_id("message-menu")
    choices = ["Reply", "Edit", "Copy text", "Select text", "Copy link", "Delete", "Close"]
    expect(sheet.locator(".menu-row:visible")).to_have_text(choices)
    assert findings(ben.page) == []
    sheet.get_by_role("button", name="Select text").tap()
    assert ben.page.evaluate("getSelection().toString()") == "mine"

    press_long(ben, "of another")
    choices = ["Reply", "Copy text", "Select text", "Copy link", "Close"]
    expect(sheet.locator(".menu-row:visible")).to_have_text(choices)
    quick(ben, "😂").tap()
    expect(reaction(ana, "😂")).to_have_text("😂1")


def test_what_changes_above_moves_nothing_and_costs_one_row(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    with speaker(node, room) as carl:
        say_all(carl, room, numbered(120))
        ana.enter(node, room)
        expect(row(ana, 120)).to_be_in_viewport(ratio=1)
        row(ana, 80).evaluate("row => row.scrollIntoView({ block: 'center' })")
        expect(ana.page.get_by_test_id("new-pill")).to_be_visible()
        expect(row(ana, 1)).to_be_attached()  # what comes above draws the row beneath it anew
        top = row(ana, 80).evaluate(TOP)
        ana.page.get_by_test_id("messages").evaluate(WATCH)

        react(carl, room, id_of(carl, room, 60), 60)
        expect(reaction(ana, "👍")).to_be_attached()
        assert row(ana, 80).evaluate(TOP) == top
        assert ana.page.evaluate("[...window.drawn]") == [60]
        target_of_60 = {"seq": 60, "id": id_of(carl, room, 60)}
        assert carl.call("delete", {"room": room, "client_id": "away", "target": target_of_60})["ok"]
        expect(gone(ana)).to_be_attached()
        assert row(ana, 80).evaluate(TOP) == top


def test_reactions_to_ones_own_are_read_out_and_changes_are_not(
    people: People, node: RunningNode, room: str, heard: Callable[..., list[str]]
) -> None:
    ana = people.ana()
    ana.page.add_init_script(RECORD)
    ana.enter(node, room)
    ana.say("Shall we?")
    ana.all_is_sent()
    with speaker(node, room) as carl:
        say_all(carl, room, ["Yes"])
        assert heard(ana.page, 1) == ["Carl: Yes"]
        react(carl, room, id_of(carl, room, 2), 2)
        edit = {"room": room, "client_id": "e", "target": {"seq": 2, "id": id_of(carl, room, 2)}}
        assert carl.call("edit", edit | {"content": "Yes!"})["ok"]
        ana.sees("Shall we?", "Yes!")
        react(carl, room, id_of(carl, room, 1), 1)
        assert heard(ana.page, 2)[1:] == ["Carl reacted with 👍 to Shall we?"]


def test_a_deletion_closes_its_notification(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    with_notifications(ana, node, room)
    wants_notifications(ana.page)
    ana.page.keyboard.press("Escape")
    ana.page.evaluate(LOOK_AWAY)
    with speaker(node, room) as carl:
        say_all(carl, room, ["sorry, the wrong room"])
        is_told(ana.page, 1)
        target = {"seq": 1, "id": id_of(carl, room, 1)}
        assert carl.call("delete", {"room": room, "client_id": "d", "target": target})["ok"]
        ana.page.wait_for_function("() => window.shown[0].isClosed")
    assert len(shown(ana.page)) == 1


def together(people: People, node: RunningNode, room: str, script: str = "") -> tuple[Person, Person]:
    """Ana at a desktop, Ben on a phone. ``script``: runs in her page before its own."""
    ana, ben = people.ana(), people.ben()
    ana.page.add_init_script(script)
    for person in (ana, ben):
        person.enter(node, room)
    expect(ana.page.get_by_test_id("joins")).to_contain_text("Ben joined")  # a row that moves those above it
    return ana, ben


def row(person: Person, seq: int) -> Locator:
    return person.page.locator(f'[data-testid=message][data-seq="{seq}"]')


def target(person: Person) -> Locator:
    return person.page.get_by_test_id("composer-target")


def note(person: Person) -> Locator:
    return person.page.get_by_test_id("note")


def gone(person: Person) -> Locator:
    return person.page.get_by_test_id("deleted")


def quick(person: Person, emoji: str) -> Locator:
    return person.page.get_by_test_id("message-menu").get_by_role("button", name=emoji)


def reaction(person: Person, emoji: str) -> Locator:
    return person.page.locator(f'[data-testid=reaction][data-emoji="{emoji}"]')


def saying(person: Person, text: str) -> Locator:
    """The message that says just this, whatever is quoted in others."""
    says_it = person.page.get_by_test_id("message-text").filter(has_text=re.compile(f"^{re.escape(text)}$"))
    return person.messages.filter(has=says_it)


def quote_in(person: Person, text: str) -> Locator:
    return saying(person, text).get_by_test_id("message-quote")


def tool(person: Person, text: str, act: str) -> Locator:
    person.message(text).hover()
    return person.message(text).get_by_test_id(f"message-{act}")


def delete(person: Person, text: str) -> None:
    tool(person, text, "delete").click()
    expect(note(person)).to_contain_text("deleted")
    expect(note(person)).to_be_empty(timeout=4 * UNDO_MS)


def with_sheet(person: Person, text: str, choice: str) -> None:
    saying(person, text).get_by_test_id("message-text").tap()
    saying(person, text).get_by_test_id("message-more").tap()
    person.page.get_by_test_id("message-menu").locator(f"[data-choice={choice}]").tap()


def press_long(person: Person, text: str) -> None:
    box = person.message(text).get_by_test_id("message-text").bounding_box()
    assert box is not None
    point = {"x": box["x"] + 5, "y": box["y"] + box["height"] / 2}
    finger = person.context.new_cdp_session(person.page)
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    expect(person.page.get_by_test_id("message-menu")).to_be_visible()
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
