"""The list by keyboard: one stop of the Tab key, arrows inside, and everything that a pointer can have."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.e2e.axe import findings
from tests.e2e.crowd import id_of, numbered, react, say_all, speaker
from tests.e2e.people import People
from tests.e2e.person import Person
from tests.e2e.test_keyboard import tab_to
from tests.running import RunningNode

SHOWN_BESIDE = "link => getComputedStyle(link, '::after').content"
MANY = 500


def test_arrows_go_from_message_to_message_and_escape_goes_back_to_writing(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    with speaker(node, room) as carl:
        say_all(carl, room, numbered(20))
    ana.enter(node, room)
    tab_to(ana.page, ana.page.get_by_test_id("messages"), backwards=True)
    ana.page.keyboard.press("ArrowUp")
    expect(row(ana, 20)).to_be_focused()
    ana.page.keyboard.press("ArrowUp")
    expect(row(ana, 19)).to_be_focused()
    ana.page.keyboard.press("Tab")
    expect(row(ana, 19).locator(".message-time")).to_be_focused()
    ana.page.keyboard.press("Tab")
    expect(tools_of(ana, 19).first).to_be_focused()
    ana.page.keyboard.press("Tab")
    expect(ana.composer).to_be_focused()

    tab_to(ana.page, ana.page.get_by_test_id("messages"), backwards=True)
    ana.page.keyboard.press("ArrowDown")
    ana.page.keyboard.press("Escape")
    expect(ana.composer).to_be_focused()


def test_from_one_end_to_the_other_by_keyboard(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    with speaker(node, room) as carl:
        say_all(carl, room, numbered(MANY))
    ana.enter(node, room)
    expect(row(ana, MANY)).to_be_in_viewport(ratio=1)
    tab_to(ana.page, ana.page.get_by_test_id("messages"), backwards=True)
    while (oldest := oldest_of(ana)) > 1:
        goes_home(ana, oldest)
    ana.page.keyboard.press("Home")
    expect(row(ana, 1)).to_be_in_viewport(ratio=1)

    ana.page.keyboard.press("End")
    expect(row(ana, MANY)).to_be_in_viewport(ratio=1)
    expect(ana.page.get_by_test_id("new-pill")).to_be_hidden()


def test_the_focus_of_a_row_goes_with_home_and_end(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    with speaker(node, room) as carl:
        say_all(carl, room, numbered(MANY))
    ana.enter(node, room)
    tab_to(ana.page, ana.page.get_by_test_id("messages"), backwards=True)
    ana.page.keyboard.press("ArrowUp")
    ana.page.keyboard.press("ArrowUp")
    expect(row(ana, MANY - 1)).to_be_focused()
    while (oldest := oldest_of(ana)) > 1:
        goes_home(ana, oldest)
        expect(ana.page.locator("article:focus")).to_be_in_viewport(ratio=1)
    ana.page.keyboard.press("Home")
    expect(row(ana, 1)).to_be_focused()
    ana.page.keyboard.press("ArrowDown")
    expect(row(ana, 2)).to_be_focused()
    expect(row(ana, 2)).to_be_in_viewport(ratio=1)

    ana.page.keyboard.press("End")
    expect(row(ana, MANY)).to_be_focused()
    expect(ana.page.get_by_test_id("new-pill")).to_be_hidden()
    ana.page.keyboard.press("ArrowUp")
    expect(row(ana, MANY - 1)).to_be_focused()
    expect(row(ana, MANY - 1)).to_be_in_viewport(ratio=1)


def test_a_row_that_changes_while_it_has_the_focus_keeps_what_can_be_done_with_it(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.go_offline()
    ana.say("https://example.org/1")
    tab_to(ana.page, ana.page.get_by_test_id("messages"), backwards=True)
    ana.page.keyboard.press("ArrowUp")
    expect(ana.messages).to_be_focused()
    ana.go_online()
    ana.all_is_sent()

    for stop in (time_of(ana, 1), link_in(ana, 1), tools_of(ana, 1).first):
        ana.page.keyboard.press("Tab")
        expect(stop).to_be_focused()


def test_what_has_the_focus_in_a_row_keeps_it_while_the_row_is_drawn_anew(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    with speaker(node, room) as carl:
        say_all(carl, room, ["a line\n" * 40])
        message = id_of(carl, room, 1)
        react(carl, room, message, 1, "🙏")
        ana.enter(node, room)
        own = reaction_in(ana, 1, "🙏")
        own.focus()
        ana.page.keyboard.press("Enter")
        expect(own).to_have_text("🙏2")
        expect(own).to_be_focused()

        fold = row(ana, 1).get_by_role("button", name="Show more")
        for stop, emoji in ((fold, "👍"), (tools_of(ana, 1).nth(1), "🎉")):
            stop.focus()
            react(carl, room, message, 1, emoji)
            expect(reaction_in(ana, 1, emoji)).to_be_visible()
            expect(stop).to_be_focused()

        reaction_in(ana, 1, "🎉").focus()
        react(carl, room, message, 1, "🎉", on=False)
        expect(reaction_in(ana, 1, "🎉")).to_have_count(0)
        expect(row(ana, 1)).to_be_focused()


def test_the_focus_goes_to_the_neighbour_of_a_message_that_somebody_deletes(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    with speaker(node, room) as carl:
        say_all(carl, room, numbered(50))
        ana.enter(node, room)
        for seq, neighbour in ((20, 21), (50, 49)):
            row(ana, seq).focus()
            target = {"seq": seq, "id": id_of(carl, room, seq)}
            assert carl.call("delete", {"room": room, "client_id": f"d{seq}", "target": target})["ok"]
            expect(row(ana, neighbour)).to_be_focused()


def test_links_in_messages_are_stops_of_the_row_with_the_focus_only(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    with speaker(node, room) as carl:
        say_all(carl, room, ["https://example.org/1", "https://example.org/2", "https://example.org/3"])
    ana.enter(node, room)
    tab_to(ana.page, ana.page.get_by_test_id("messages"), backwards=True)
    ana.page.keyboard.press("Tab")
    expect(ana.composer).to_be_focused()
    ana.page.keyboard.press("Shift+Tab")
    expect(ana.page.get_by_test_id("messages")).to_be_focused()

    ana.page.keyboard.press("ArrowUp")
    ana.page.keyboard.press("ArrowUp")
    for stop in (time_of(ana, 2), link_in(ana, 2), tools_of(ana, 2).first, ana.composer):
        ana.page.keyboard.press("Tab")
        expect(stop).to_be_focused()
    ana.page.keyboard.press("Shift+Tab")
    expect(ana.page.get_by_test_id("messages")).to_be_focused()


def test_a_link_in_a_message_stays_one_for_a_pointer(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    ana.enter(node, room)
    link = f"{node.url}/docs"
    ana.say(link, "next")
    ana.all_is_sent()
    for button in ("left", "middle"):
        with ana.context.expect_page() as opened:
            ana.page.get_by_role("link", name=link).click(button=button)
        expect(opened.value).to_have_url(link)
    expect(link_in(ana, 1)).to_be_focused()
    ana.page.keyboard.press("Tab")
    expect(tools_of(ana, 1).first).to_be_focused()


def test_the_row_with_the_focus_is_named_by_what_it_says(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.say("hello", "look at https://example.org/1 please")
    ana.all_is_sent()
    tab_to(ana.page, ana.page.get_by_test_id("messages"), backwards=True)
    for seq, text in ((2, "look at https://example.org/1 please"), (1, "hello")):
        ana.page.keyboard.press("ArrowUp")
        expect(row(ana, seq)).to_be_focused()
        expect(row(ana, seq)).to_have_accessible_name(f"Ana, {time_of(ana, seq).inner_text()}, {text}")
        assert findings(ana.page) == []


def test_the_exact_time_is_told_on_hover_and_on_focus(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.say("first", "next")
    ana.all_is_sent()
    for seq in (1, 2):
        time = row(ana, seq).locator(".message-time")
        row(ana, seq).hover()
        expect(time).to_have_attribute("title", re.compile(r"^[^:]*:[^:]*:[^:]*$"))  # to the second
        exact = time.get_attribute("title")
        assert time.evaluate(SHOWN_BESIDE) == "none"
        ana.page.keyboard.press("Shift+Tab")
        row(ana, seq).focus()
        assert time.evaluate(SHOWN_BESIDE) == f'"{exact}"'
        ana.page.keyboard.press("Tab")
        expect(time).to_be_focused()
        assert time.evaluate(SHOWN_BESIDE) == f'"{exact}"'


def oldest_of(person: Person) -> int:
    """The seq of the first that is in the page."""
    return int(person.messages.first.get_attribute("data-seq") or 0)


def goes_home(person: Person, oldest: int) -> None:
    """Each time, more is loaded."""
    person.page.keyboard.press("Home")
    expect(row(person, oldest - 1)).to_be_attached()


def row(person: Person, seq: int) -> Locator:
    return person.page.locator(f'[data-testid=message][data-seq="{seq}"]')


def time_of(person: Person, seq: int) -> Locator:
    return row(person, seq).locator(".message-time")


def reaction_in(person: Person, seq: int, emoji: str) -> Locator:
    return row(person, seq).locator(f"[data-emoji={emoji}]")


def link_in(person: Person, seq: int) -> Locator:
    return row(person, seq).get_by_test_id("message-text").get_by_role("link")


def tools_of(person: Person, seq: int) -> Locator:
    return row(person, seq).get_by_role("toolbar").get_by_role("button")
