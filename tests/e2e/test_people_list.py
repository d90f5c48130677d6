"""The list of who is here: it keeps the focus, and says what it knows and no more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import expect

from tests.e2e.people import People
from tests.e2e.test_both_dialects import original_client
from tests.running import Nodes, RunningNode

MINUTE = "new Intl.DateTimeFormat([], { hour: 'numeric', minute: '2-digit' }).format()"
MANY = 201  # above 200 the server names those who have signed in only


@pytest.fixture(scope="module")
def patient_node(chromium_path: str, nodes: Nodes) -> Iterator[RunningNode]:
    with nodes.running(CHAT_RATE_LIMITS="off") as node:
        yield node


def test_a_list_that_changes_leaves_the_focus_where_it_is(
    people: People, patient_node: RunningNode, room: str
) -> None:
    ana, ben = people.ana(), people.ben()
    ana.enter(patient_node, room)
    ben.enter(patient_node, room)
    ana.sees_people("Ana", "Ben")
    rename = ana.page.get_by_role("button", name="Rename")
    rename.focus()

    ben.context.close()
    fading = ana.page.locator("[data-lost]")
    expect(fading).to_contain_text("connection lost")
    seconds = fading.text_content() or ""
    expect(fading).not_to_have_text(seconds)  # a second later

    expect(rename).to_be_focused()


def test_offline_the_list_is_of_the_last_moment_it_was_known(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter(node, room)
    title = ana.page.locator("#people-title")
    expect(title).to_have_text("Here now (1)")

    minutes = [ana.page.evaluate(MINUTE)]
    ana.go_offline()
    minutes.append(ana.page.evaluate(MINUTE))  # it may be the next one by then
    expect(title).to_have_text(re.compile(rf"^Here as of ({'|'.join(minutes)}) \(1\)$"))
    expect(ana.page.locator("#people-panel")).to_have_attribute("data-stale", "")

    ana.go_online()
    expect(title).to_have_text("Here now (1)")


def test_in_a_crowd_of_strangers_one_finds_oneself_and_who_has_signed_in(
    people: People, node: RunningNode, room: str
) -> None:
    ana, ben = people.ana(), people.ben()
    with ExitStack() as stack:
        for number in range(MANY):
            stack.enter_context(original_client(node, room, f"x{number}", f"Guest {number}"))
        ana.enter(node, room)
        ben.enter(node, room)

        expect(ana.page.locator("#people-title")).to_have_text(f"{MANY + 2} people are here")
        ana.sees_people("Ana", "Ben")
        expect(ana.page.locator("#people-panel")).to_contain_text("the others are not listed")
        expect(ana.page.get_by_role("button", name="Rename")).to_be_visible()
