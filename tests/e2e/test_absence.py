"""Somebody was away: on coming back, everything missed is there, once, or a row says what is not."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.crowd import numbered, say_all, speaker
from tests.e2e.line import Line
from tests.e2e.long_lists import read_to_the_oldest
from tests.e2e.people import People
from tests.e2e.test_offline import under_the_eye
from tests.running import RunningNode

MANY = 1_000
TOO_MANY = 2_100
HEARTBEAT_MS = 25_000
RECORD_CONNECTION = """() => {
  window.connectionSaid = [];
  const words = document.getElementById('connection-words');
  new MutationObserver(() => connectionSaid.push(words.textContent)).observe(words, { childList: true });
}"""


def test_after_five_minutes_of_silence_the_page_joins_again_and_shows_what_it_missed_once(
    people: People, node: RunningNode, room: str
) -> None:
    """A laptop that slept: its clock has jumped, its socket is dead, and nobody has told it."""
    ana, ben = people.ana(), people.ben()
    line = Line(ben.page)
    ben.page.clock.install()
    ana.enter(node, room)
    ben.enter(node, room)
    ana.say("before")
    ben.sees("before")

    line.state = "silent"
    missed = numbered(5, "missed")
    ana.say(*missed)
    ana.sees("before", *missed)
    ben.sees("before")
    ben.page.clock.fast_forward("05:00")
    ben.stands("reconnecting")

    line.state = "open"
    ben.page.clock.fast_forward("00:20")  # its next attempt
    ben.is_online()
    ben.sees("before", *missed)
    ana.all_is_sent()
    assert ben.log() == ana.log()
    expect(ben.page.get_by_test_id("gap")).to_have_count(0)
    assert line.said("join")[-1]["since"]["seq"] == 1
    ben.say("back")
    ana.sees("before", *missed, "back")
    ben.sees("before", *missed, "back")


def test_a_page_that_hears_but_has_lost_the_last_messages_asks_and_gets_them_once(
    people: People, node: RunningNode, room: str
) -> None:
    ana, ben = people.ana(), people.ben()
    line = Line(ben.page)
    ben.page.clock.install()
    ana.enter(node, room)
    ben.enter(node, room)
    ana.say("before")
    ben.sees("before")

    line.loses = "event"
    ana.say("lost one", "lost two")
    ana.sees("before", "lost one", "lost two")
    ana.all_is_sent()
    line.has_lost(2)
    ben.sees("before")
    line.loses = None
    ben.page.clock.fast_forward(HEARTBEAT_MS)

    ben.sees("before", "lost one", "lost two")
    assert ben.log() == ana.log()
    assert [event["body"]["content"] for event in line.lost] == ["lost one", "lost two"]
    assert line.said("ping")[-1]["heads"] == {room: 1}
    assert line.said("history")[-1]["after"] == 1


def test_a_thousand_messages_missed_by_an_open_page_are_all_there_in_order(
    people: People, node: RunningNode, room: str
) -> None:
    ben = people.ben()
    with speaker(node, room) as carl:
        say_all(carl, room, ["before"])
        ben.enter(node, room)
        ben.sees("before")
        ben.go_offline()
        say_all(carl, room, numbered(MANY))
        ben.go_online()

        expect(ben.messages.last).to_contain_text(f"message {MANY}")
        assert read_to_the_oldest(ben) == all_of_it("before", *numbered(MANY))


def test_a_thousand_messages_are_complete_after_scrolling_with_the_newest_first(
    people: People, node: RunningNode, room: str
) -> None:
    ben = people.ben()
    with speaker(node, room) as carl:
        say_all(carl, room, ["before"])
        ben.enter(node, room)
        ben.sees("before")
        ben.page.goto("about:blank")
        say_all(carl, room, numbered(MANY))

        ben.come_back(node, room)
        expect(ben.messages.last).to_contain_text(f"message {MANY}")
        expect(ben.messages.last).to_be_in_viewport()
        assert len(ben.rows()) < MANY / 2
        assert read_to_the_oldest(ben) == all_of_it("before", *numbered(MANY))


def test_a_thousand_missed_messages_do_not_move_what_one_reads_and_are_counted(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    with speaker(node, room) as carl:
        say_all(carl, room, numbered(60, "before"))
        ana.enter(node, room)
        ana.message("before 30").scroll_into_view_if_needed()
        expect(ana.message("before 30")).to_be_in_viewport()
        ana.page.evaluate(RECORD_CONNECTION)
        ana.go_offline()
        seq, top = under_the_eye(ana.page)
        say_all(carl, room, numbered(MANY))
        ana.go_online()

        expect(ana.page.get_by_test_id("new-pill")).to_have_text(f"{MANY} new messages ↓")
        seq_after, top_after = under_the_eye(ana.page)
        assert seq_after == seq
        assert abs(top_after - top) < 1
        said = ana.page.evaluate("connectionSaid")
        assert any(words.startswith("Catching up (") for words in said), said


def test_who_missed_more_than_is_told_one_by_one_stays_where_they_read_and_sees_what_became_of_it(
    people: People, node: RunningNode, room: str
) -> None:
    """Nobody tells a page what became of its messages among so many: it reads again those that one sees."""
    ana = people.ana()
    with speaker(node, room) as carl:
        say_all(carl, room, numbered(60, "before"))
        ana.enter(node, room)
        ana.message("before 30").scroll_into_view_if_needed()
        expect(ana.message("before 30")).to_be_in_viewport()
        ana.go_offline()
        seq, top = under_the_eye(ana.page)
        say_all(carl, room, numbered(TOO_MANY))
        ana.go_online()

        ana.is_online()
        expect(ana.page.get_by_test_id("gap")).to_have_count(1)
        seq_after, top_after = under_the_eye(ana.page)
        assert seq_after == seq
        assert abs(top_after - top) < 1
        ana.page.get_by_test_id("messages").press("End")
        expect(ana.messages.last).to_contain_text(f"message {TOO_MANY}")


def test_what_was_written_in_five_minutes_without_a_network_stands_there_once_in_order(
    people: People, node: RunningNode, room: str
) -> None:
    ana, ben = people.ana(), people.ben()
    ben.page.clock.install()
    ana.enter(node, room)
    ben.enter(node, room)
    written = numbered(5, "written")
    ben.go_offline()
    ben.say(*written)
    ben.page.clock.run_for("05:00")
    ben.sees(*written)
    expect(ben.connection).to_contain_text("You are offline. 5 messages will be sent when you are back.")
    ana.say("meanwhile")
    ana.all_is_sent()

    ben.go_online()

    for person in (ana, ben):
        person.sees("meanwhile", *written)
        person.all_is_sent()
    assert ana.log() == ben.log()
    assert [row.seq for row in ben.rows()] == [1, 2, 3, 4, 5, 6]


def all_of_it(*texts: str) -> list[tuple[int | None, str, str]]:
    return [(number, "Carl", text) for number, text in enumerate(texts, 1)]
