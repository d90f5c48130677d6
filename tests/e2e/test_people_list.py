"""The list of who is here: it keeps the focus, and says what it knows and no more."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.people import People
from tests.running import Nodes, RunningNode


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
