"""A page may be loaded again at any moment: everything is still there, and nothing is there twice."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Error, expect

from tests.e2e.line import Line
from tests.e2e.people import People
from tests.e2e.person import Person
from tests.running import Nodes, RunningNode

SAID = re.compile(r'"content":"([^"]*)"')


def test_a_reload_keeps_history_name_and_draft_and_doubles_nothing(
    people: People, node: RunningNode, room: str
) -> None:
    ana, ben = people.ana(), people.ben()
    ana.enter(node, room)
    ben.enter(node, room)
    ana.say("one", "two")
    ben.sees("one", "two")
    ben.say("three")
    ana.sees("one", "two", "three")
    for person in (ana, ben):
        person.all_is_sent()
    before = ana.log()
    ana.composer.fill("not yet said")
    ben.composer.fill("nor this")

    for person, other in ((ana, ben), (ben, ana)):
        person.page.reload()
        person.is_online()
        expect(person.dialog).to_be_hidden()
        person.sees("one", "two", "three")
        person.sees_people(person.name, other.name)
        other.sees_people(other.name, person.name)

    expect(ana.composer).to_have_value("not yet said")
    expect(ben.composer).to_have_value("nor this")
    ana.say("four")
    ben.sees("one", "two", "three", "four")
    ana.all_is_sent()
    assert ana.log() == ben.log() == [*before, (4, "Ana", "four")]


def test_the_outbox_survives_a_reload_without_a_connection(
    people: People, node: RunningNode, room: str
) -> None:
    """A network that lets pages through and no chat."""
    ana, ben = people.ana(), people.ben()
    line = Line(ana.page)
    ana.enter(node, room)
    ben.enter(node, room)
    line.state = "refusing"
    ana.say("one", "two")
    ana.has_kept("one", "two")

    ana.page.reload()
    ana.sees("one", "two")
    expect(ana.page.locator("[data-testid=message][data-state=waiting]")).to_have_count(2)
    ben.sees()

    line.state = "open"
    ana.is_online()
    ana.all_is_sent()
    ben.sees("one", "two")
    ana.page.reload()
    ana.sees("one", "two")
    assert ana.log() == ben.log()


def test_what_a_closed_tab_left_unsent_is_sent_by_the_next_one(
    people: People, nodes: Nodes, room: str
) -> None:
    """The server is down; the tab is closed, and another is opened when the server is back."""
    with nodes.running(CHAT_PRESENCE_GRACE_SECONDS="1") as node:
        ana, ben = people.ana(), people.ben()
        ana.enter(node, room)
        ben.enter(node, room)
        node.stop()
        ana.say("one", "two")
        ana.has_kept("one", "two")
        with pytest.raises(Error, match="ERR_CONNECTION_REFUSED"):
            ana.page.reload()
        ana.page.close()

        node.start()
        later = ana.another_tab()
        later.come_back(node, room)

        later.sees("one", "two")
        later.all_is_sent()
        ben.sees("one", "two")
        assert later.log() == ben.log()


def test_two_tabs_of_one_person_send_each_message_once(people: People, node: RunningNode, room: str) -> None:
    left, ben = people.ana(), people.ben()
    left_line, left_polled = Line(left.page), heard_polling(left)
    left.enter(node, room)
    right = left.another_tab()
    right_line, right_polled = Line(right.page), heard_polling(right)
    right.come_back(node, room)
    ben.enter(node, room)
    ben.sees_people("Ben", "Ana")
    left.context.set_offline(True)
    left.stands("offline")
    right.stands("offline")
    left.say("left 1", "left 2")
    right.say("right 1", "right 2")
    left.sees("left 1", "left 2")
    right.sees("right 1", "right 2")

    left.context.set_offline(False)

    for person in (left, right, ben):
        expect(person.messages).to_have_count(4)
        person.all_is_sent()
    assert left.log() == right.log() == ben.log()
    assert sorted(row.text for row in ben.rows()) == ["left 1", "left 2", "right 1", "right 2"]
    assert [*left_polled, *contents_of(left_line)] == ["left 1", "left 2"]
    assert [*right_polled, *contents_of(right_line)] == ["right 1", "right 2"]


def contents_of(line: Line) -> list[str]:
    return [payload["content"] for payload in line.said("message")]


def heard_polling(person: Person) -> list[str]:
    """What a page says before it has a WebSocket again, which a line does not hear."""
    said: list[str] = []
    person.page.on("request", lambda request: said.extend(SAID.findall(request.post_data or "")))
    return said
