"""The first minute: what a stranger sees before they have said a word, and how they bring others in."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.crowd import speaker
from tests.e2e.people import DESKTOP, PHONE, People
from tests.running import RunningNode

REMOVED = "Messages here are removed after 24 hours."
# As long as names may be, in a language that has such words; and one that runs from the right.
LONG = ("Donaudampfschifffahrtsgesellsch", "Eisenbahnknotenpunkthinundhersch", "נועה")


def test_whoever_follows_a_link_is_told_who_is_there(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    with ExitStack() as crowd:
        for name, words in (
            (None, "Nobody is here right now."),
            ("Ben", "Ben is here."),
            ("Cleo", "Ben and Cleo are here."),
            ("Dora", "Ben, Cleo and Dora are here."),
            ("Emil", "Ben, Cleo and 2 others are here."),
        ):
            if name is not None:
                crowd.enter_context(speaker(node, room, name))
            ana.open(node, room)
            expect(ana.dialog).to_have_accessible_description(f"{words} {REMOVED}")


@pytest.mark.parametrize("looks", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_long_names_stay_within_the_dialog_and_run_in_their_own_direction(
    people: People, node: RunningNode, room: str, looks: dict[str, Any]
) -> None:
    ana = people.person("Ana", looks)
    with ExitStack() as crowd:
        for name in LONG:
            crowd.enter_context(speaker(node, room, name))
        ana.open(node, room)

        told = ana.page.locator("#name-people")
        expect(told.locator("bdi")).to_have_text(list(LONG))
        assert told.evaluate("one => one.scrollWidth <= one.clientWidth")
        expect(ana.page.get_by_test_id("name-submit")).to_be_in_viewport(ratio=1)


def test_who_is_asked_for_another_name_is_told_nothing_twice(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    with speaker(node, room, "Ana"):
        ana.open(node, room)
        expect(ana.dialog).to_have_accessible_description(f"Ana is here. {REMOVED}")
        ana.give_name("Ana")

        expect(ana.page.get_by_role("heading", name="That name is taken here")).to_be_visible()
        expect(ana.page.locator("#name-people")).to_be_hidden()
