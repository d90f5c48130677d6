"""The landing page: for somebody new, and for who comes back."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.people import People
from tests.running import RunningNode


def test_its_fields_are_called_what_they_ask_for(people: People, node: RunningNode) -> None:
    page = people.ana().page
    page.goto(node.url)

    expect(page.get_by_test_id("landing-name")).to_have_accessible_name("Your name")
    room = page.get_by_test_id("landing-room")
    expect(room).to_have_accessible_name("Room")
    expect(room).to_have_accessible_description(
        "Anybody who knows the name can come in. An invite link works here too."
    )
