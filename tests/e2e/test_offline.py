"""Without a network one goes on writing, and comes back without losing anything or one's place."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.crowd import numbered, say_all, speaker
from tests.e2e.line import Line
from tests.e2e.people import People
from tests.e2e.test_chosen_files import is_asked
from tests.running import RunningNode, until

FULL = """() => {
  IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError'); };
}"""
# The row at the middle of the list, and how far it is from the list's upper edge.
ROW_UNDER_THE_EYE = """() => {
  const box = document.querySelector('[data-testid=messages]').getBoundingClientRect();
  const row = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2)
    .closest('[data-testid=message]');
  return [row.dataset.seq, row.getBoundingClientRect().top - box.top];
}"""


def test_what_is_written_offline_waits_and_is_sent_once_in_order(
    people: People, node: RunningNode, room: str
) -> None:
    ana, ben = people.ana(), people.ben()
    ana.enter(node, room)
    ben.enter(node, room)
    ana.say("hello")
    ben.sees("hello")

    ben.go_offline()
    ben.say("first", "second", "third")
    ben.sees("hello", "first", "second", "third")
    expect(ben.page.locator("[data-testid=message][data-state=waiting]")).to_have_count(3)
    for text in ("first", "second", "third"):
        expect(ben.message(text)).to_contain_text("Waiting")
    expect(ben.connection).to_contain_text("offline")
    expect(ben.connection).to_contain_text("3 messages")
    expect(ben.composer).to_be_enabled()
    ana.say("missed one", "missed two")
    ana.sees("hello", "missed one", "missed two")
    ana.all_is_sent()

    ben.go_online()
    in_the_end = ("hello", "missed one", "missed two", "first", "second", "third")
    ana.sees(*in_the_end)
    ben.sees(*in_the_end)
    ben.all_is_sent()
    assert ana.log() == ben.log()
    assert [row.seq for row in ben.rows()] == [1, 2, 3, 4, 5, 6]
    ana.sees_people("Ana", "Ben")


def test_what_the_browser_cannot_keep_is_said_to_be_so_and_a_reload_asks_first(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.page.evaluate(FULL)
    ana.say("hello")
    ana.all_is_sent()
    assert not is_asked(ana)
    ana.go_offline()
    ana.say("is anybody there?")
    expect(ana.connection).to_contain_text(
        "1 message will be sent when you are back, if this page stays open."
    )
    assert is_asked(ana)

    ana.go_online()
    ana.all_is_sent()
    until(lambda: not is_asked(ana))


def test_who_signs_out_is_asked_once_about_what_could_not_be_kept(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    line = Line(ana.page)
    ana.enter(node, room)
    ana.page.evaluate(FULL)
    line.refuses = {"code": "room_closed", "message": "No.", "retryable": False}
    ana.say("hello")
    expect(ana.message("hello")).to_have_attribute("data-state", "failed")
    assert is_asked(ana)
    ana.page.get_by_test_id("menu-open").click()
    ana.page.get_by_role("button", name="Sign out").click()
    asked = ana.page.get_by_role("dialog")
    expect(asked).to_contain_text("1 message is not sent yet.")
    asked.get_by_role("button", name="Discard and sign out").click()
    ana.page.wait_for_url(f"{node.url}/")
    assert people.complaints() == []


def test_a_message_whose_answer_was_lost_stands_there_once(
    people: People, node: RunningNode, room: str
) -> None:
    """It was stored, everybody else has it, and the one who wrote it was never told."""
    ana, ben = people.ana(), people.ben()
    line = Line(ben.page)
    ana.enter(node, room)
    ben.enter(node, room)
    line.loses = "event"
    line.loses_answers = True
    ben.say("did it arrive?", "and this?")
    ana.sees("did it arrive?")
    expect(ben.message("did it arrive?")).to_have_attribute("data-state", "sending")

    ben.go_offline()
    line.loses = None
    line.loses_answers = False
    ben.go_online()
    for person in (ana, ben):
        person.sees("did it arrive?", "and this?")
        person.all_is_sent()
    assert ana.log() == ben.log()


def test_coming_back_does_not_move_what_one_reads(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    with speaker(node, room) as carl:
        say_all(carl, room, numbered(60))
        ana.enter(node, room)
        expect(ana.messages).to_have_count(60)
        ana.message("message 30").last.scroll_into_view_if_needed()
        expect(ana.message("message 30").last).to_be_in_viewport()

        ana.go_offline()
        seq, top = under_the_eye(ana.page)
        say_all(carl, room, ["missed one", "missed two"])
        ana.go_online()

        expect(ana.messages).to_have_count(62)
        expect(ana.page.get_by_test_id("new-pill")).to_have_text("2 new messages ↓")
        seq_after, top_after = under_the_eye(ana.page)
        assert seq_after == seq
        assert abs(top_after - top) < 1

        ana.page.get_by_test_id("new-pill").click()
        expect(ana.message("missed two")).to_be_in_viewport()
        expect(ana.page.get_by_test_id("new-pill")).to_be_hidden()


def under_the_eye(page: Page) -> tuple[str, float]:
    seq, top = page.evaluate(ROW_UNDER_THE_EYE)
    return seq, top
