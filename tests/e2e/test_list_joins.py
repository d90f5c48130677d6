"""Who comes and goes is told in one quiet line, to those who want to know."""

from __future__ import annotations

import re
from contextlib import ExitStack

from playwright.sync_api import Locator, expect

from tests.e2e.crowd import speaker
from tests.e2e.people import People
from tests.e2e.person import Person
from tests.e2e.test_both_dialects import original_client
from tests.running import RunningNode, until
from tests.talkers import PythonTalker

SET = """async ([name, value]) => {
  const settings = await import('/static/js/page/storage/settings.js');
  settings.set(name, value);
}"""


def test_joins_and_leaves_between_two_messages_are_one_line(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.say("hello")
    ana.all_is_sent()
    with ExitStack() as stack:
        with original_client(node, room, "x9", "Bo"):
            expect(joins(ana)).to_have_text(["Bo joined"])
            ana.say("hello Bo")
            ana.all_is_sent()
            for number, name in enumerate(("Cy", "Di", "Ed", "Flo")):
                stack.enter_context(original_client(node, room, f"x{number}", name))
                expect(ana.page.get_by_test_id("person")).to_have_count(3 + number)
        expect(joins(ana)).to_have_text(["Bo joined", "Cy and 3 others joined, Bo left"])
        expect(ana.messages).to_have_count(2)
        order = ana.page.locator("#message-rows > *").evaluate_all(
            "rows => rows.map(row => row.dataset.testid)"
        )
        assert order == [None, "message", "joins", "message", "joins"]  # a day stands above them

    expect(joins(ana)).to_have_text(["Bo joined", "Bo left"])  # who came and went is not told of


def test_a_new_name_is_told_and_nobody_takes_one_that_was_left_while_its_words_are_here(
    people: People, node: RunningNode, room: str
) -> None:
    ana, ben, cleo = people.ana(), people.person("Ben"), people.person("Cleo")
    for person in (ana, ben):
        person.enter(node, room)
    ben.say("It was me")
    ana.sees("It was me")
    ben.page.get_by_role("button", name="Rename").click()
    ben.give_name("Benno")
    expect(joins(ana)).to_have_text(["Ben joined", "Ben is now Benno"])

    cleo.open(node, room)
    cleo.give_name("Bеn")  # with a Cyrillic е
    wrote = re.compile("“.?Bеn.?” wrote here .* ago. How about “.?Bеn 2.?”")  # isolated
    expect(cleo.dialog).to_have_accessible_description(wrote)
    cleo.page.get_by_test_id("name-submit").click()
    cleo.is_online()
    ben.page.get_by_role("button", name="Rename").click()
    ben.give_name("Ben")
    ana.sees_people("Ana", "Ben", "Bеn 2")


def test_joins_and_leaves_can_be_hidden_in_all_tabs_and_stay_so(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter(node, room)
    other = ana.another_tab()
    other.come_back(node, room)
    with original_client(node, room, "x1", "Bo"):
        for tab in (ana, other):
            expect(joins(tab)).to_have_text(["Bo joined"])
        ana.page.evaluate(SET, ["joins", "hidden"])
        for tab in (ana, other):
            expect(joins(tab)).to_have_count(0)

        ana.page.evaluate(SET, ["joins", "shown"])
        for tab in (ana, other):
            expect(joins(tab)).to_have_text(["Bo joined"])
        ana.page.evaluate(SET, ["joins", "hidden"])
        ana.page.reload()
        ana.is_online()
    ana.sees_people("Ana")
    expect(joins(ana)).to_have_count(0)


def test_what_happened_while_one_was_away_is_not_told_as_news(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    with speaker(node, room) as carl:
        ana.enter(node, room)
        with original_client(node, room, "x1", "Bo"):
            expect(joins(ana)).to_have_text(["Bo joined"])
            ana.say("hello")
            ana.all_is_sent()
            ana.go_offline()
        until(lambda: "Bo" not in names_known_to(carl, room))
        ana.go_online()

        ana.sees_people("Ana", "Carl")
        expect(joins(ana)).to_have_text(["Bo joined"])


def names_known_to(talker: PythonTalker, room: str) -> set[str]:
    return {user["name"] for user in talker.call("presence", {"room": room})["users"]}


def joins(person: Person) -> Locator:
    return person.page.get_by_test_id("joins")
