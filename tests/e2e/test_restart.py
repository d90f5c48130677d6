"""The server goes away and comes back, in good order and in none: nothing is lost, doubled or moved."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.e2e.long_lists import read_to_the_oldest
from tests.e2e.people import People
from tests.e2e.person import Person
from tests.running import Nodes, RunningNode

# Ten messages a second through the composer, as fingers would if they could; and not more the longer a busy
# machine takes to start the server again.
KEEP_TALKING = """(name) => {
  const input = document.querySelector('[data-testid=composer-input]');
  let said = 0;
  const timer = setInterval(() => {
    if (said === 100) return;
    said += 1;
    input.value = `${name} ${said}`;
    input.dispatchEvent(new Event('input', { bubbles: true }));
    input.form.requestSubmit();
  }, 100);
  window.stopTalking = () => { clearInterval(timer); return said; };
}"""


@pytest.fixture
def own_node(chromium_path: str, nodes: Nodes) -> Iterator[RunningNode]:
    with nodes.running(CHAT_RATE_LIMITS="off", CHAT_PRESENCE_GRACE_SECONDS="5") as node:
        yield node


def test_a_restart_loses_nothing_and_the_line_is_honest(
    people: People, own_node: RunningNode, room: str
) -> None:
    ana, ben = enter_both(people, own_node, room)
    ana.say("before")
    ben.sees("before")

    own_node.stop()
    for person in (ana, ben):
        person.stands("reconnecting")
        expect(person.composer).to_be_enabled()
    ana.say("during, Ana")
    expect(ana.connection).to_contain_text("1 message will be sent when you are back")
    ben.say("during, Ben")
    expect(ana.messages).to_have_count(2)
    expect(ben.messages).to_have_count(2)

    own_node.start()
    for person in (ana, ben):
        person.is_online()
        expect(person.messages).to_have_count(3)
        person.all_is_sent()
    ben.say("after")
    expect(ana.messages).to_have_count(4)
    expect(ben.messages).to_have_count(4)
    ben.all_is_sent()
    assert ana.log() == ben.log() == stored(own_node, room, ana)
    assert {text for _, _, text in ana.log()[1:3]} == {"during, Ana", "during, Ben"}
    all_are_present(ana, ben)


def test_a_kill_under_load_loses_nothing(people: People, own_node: RunningNode, room: str) -> None:
    both = enter_both(people, own_node, room)
    ana, ben = both
    for person in both:
        person.page.evaluate(KEEP_TALKING, person.name)
    for person in both:
        for other in both:
            expect(person.message(f"{other.name} 8").first).to_be_attached()

    own_node.kill()
    for person in both:
        person.stands("reconnecting")
    own_node.start()
    for person in both:
        person.is_online()
    said = {person.name: person.page.evaluate("stopTalking()") for person in both}

    for person in both:
        expect(person.messages.last).to_have_attribute("data-seq", str(sum(said.values())))
        person.all_is_sent()
    log = stored(own_node, room, ana)
    assert read_to_the_oldest(ana) == read_to_the_oldest(ben) == log
    assert [seq for seq, _, _ in log] == list(range(1, sum(said.values()) + 1))
    for name, count in said.items():
        assert [text for _, author, text in log if author == name] == [
            f"{name} {number}" for number in range(1, count + 1)
        ]
    all_are_present(ana, ben)


def enter_both(people: People, node: RunningNode, room: str) -> tuple[Person, Person]:
    ana, ben = people.ana(), people.ben()
    ana.enter(node, room)
    ben.enter(node, room)
    ana.sees_people("Ana", "Ben")
    ben.sees_people("Ben", "Ana")
    return ana, ben


def all_are_present(ana: Person, ben: Person) -> None:
    ana.sees_people("Ana", "Ben")
    ben.sees_people("Ben", "Ana")


def stored(node: RunningNode, room: str, reader: Person) -> list[tuple[int, str, str]]:
    """What the server has, asked for over REST."""
    events: list[tuple[int, str, str]] = []
    page = {"more_after": True}
    while page["more_after"]:
        last = events[-1][0] if events else 0
        url = f"{node.url}/api/rooms/{quote(room)}/events?after={last}&limit=200"
        response = reader.context.request.get(url)
        assert response.ok, response.text()
        page = json.loads(response.text())
        events += [(e["seq"], e["user"]["name"], e["body"]["content"]) for e in page["events"]]
    return events
