"""Somebody signs out, and somebody else signs in at the same page: nobody speaks in another's name."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.line import Line
from tests.e2e.people import People
from tests.e2e.scenes import sign_in_as
from tests.running import RunningNode


def test_a_waiting_message_is_not_sent_under_another_name(
    people: People, node: RunningNode, room: str
) -> None:
    ana, ben = people.ana(), people.ben()
    line = Line(ana.page)
    ana.enter(node, room)
    ben.enter(node, room)
    line.state = "refusing"
    ana.go_offline()
    ana.say("a private thought", "and another")
    ana.context.set_offline(False)
    sign_in_as(ana, "Bob", line)

    for text in ("a private thought", "and another"):
        expect(ana.message(text)).to_contain_text("Written as Ana, and not sent.")
    ana.say("hello, I am Bob")
    ben.sees("hello, I am Bob")
    ana.page.reload()  # what was asked is asked again
    ana.is_online()
    expect(ana.message("a private thought")).to_contain_text("Written as Ana, and not sent.")
    ben.sees("hello, I am Bob")

    ana.message("and another").get_by_role("button", name="Discard").click()
    ana.message("a private thought").get_by_role("button", name="Send as Bob").click()
    ben.sees("hello, I am Bob", "a private thought")
    ana.all_is_sent()
    assert ben.log() == ana.log() == [(1, "Bob", "hello, I am Bob"), (2, "Bob", "a private thought")]


def test_a_message_that_arrived_unheard_stands_there_once(
    people: People, node: RunningNode, room: str
) -> None:
    """Its answer and its event were lost before its author was signed out."""
    ana, ben = people.ana(), people.ben()
    line = Line(ana.page)
    ana.enter(node, room)
    ben.enter(node, room)
    line.loses = "event"
    line.loses_answers = True
    ana.say("did it arrive?")
    ben.sees("did it arrive?")
    line.loses, line.loses_answers = None, False
    sign_in_as(ana, "Bob", line)

    ana.say("hello")
    for person in (ana, ben):
        person.sees("did it arrive?", "hello")
        person.all_is_sent()
    assert ben.log() == ana.log() == [(1, "Ana", "did it arrive?"), (2, "Bob", "hello")]
