"""The dialogs of a room: what they say, and that all of them fits."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.people import People
from tests.running import RunningNode


def test_the_field_for_a_name_is_called_what_it_asks_for(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.open(node, room)

    name = ana.page.get_by_test_id("name-input")
    expect(name).to_have_accessible_name("Your name")
    expect(name).to_have_accessible_description("Everybody in the room sees it. You can change it later.")
