"""A network that lets pages through and no chat: the room can be read, and says that it is not live."""

from __future__ import annotations

from playwright.sync_api import Request, expect

from tests.e2e.crowd import numbered, say_all, speaker
from tests.e2e.line import Line
from tests.e2e.people import People
from tests.e2e.person import scroll_to_the_top
from tests.running import RunningNode

# An attempt that says nothing for so long is given up.
GIVEN_UP_MS = 15_000


def test_a_room_is_read_without_a_socket_and_goes_live_without_doubles(
    people: People, node: RunningNode, room: str
) -> None:
    ana, ben = people.ana(), people.person("Ben")
    line = Line(ana.page)
    ben.enter(node, room)
    ben.say("one", "two")
    ben.all_is_sent()
    line.state = "refusing"
    ana.open(node, room)
    ana.give_name("Ana")

    ana.sees("one", "two")
    expect(ana.connection).to_contain_text("Not live: as of ")
    ben.say("three")
    ana.sees("one", "two", "three")
    ana.say("from Ana")
    expect(ana.message("from Ana")).to_contain_text("Waiting for the connection")
    ana.messages.evaluate_all("rows => rows.forEach((row, number) => { row.number = number; })")
    expect(ana.page.locator("#announcer")).to_be_empty()

    line.state = "open"
    ana.is_online()
    ana.all_is_sent()
    for person in (ana, ben):
        person.sees("one", "two", "three", "from Ana")
    assert ana.log() == ben.log()
    assert ana.messages.evaluate_all("rows => rows.map(row => row.number)") == [0, 1, 2, 3]
    ben.say("live")
    ana.sees("one", "two", "three", "from Ana", "live")


def test_whoever_is_known_sees_the_room_with_the_page_and_it_goes_on_from_there(
    people: People, node: RunningNode, room: str
) -> None:
    ana, ben = people.ana(), people.person("Ben")
    ana.enter(node, room)
    ana.say("see you")
    ana.all_is_sent()
    ana.page.goto("about:blank")
    ben.enter(node, room)
    ben.say(*numbered(3))
    ben.all_is_sent()
    line = Line(ana.page)
    line.state = "silent"
    ana.page.route("**/api/**", lambda route: route.abort())
    ana.page.clock.install()
    ana.open(node, room)

    ana.sees("see you", *numbered(3))
    ana.stands("connecting")
    expect(ana.page.get_by_test_id("new")).to_be_in_viewport()
    expect(ana.page.get_by_test_id("skeleton")).to_be_hidden()
    ana.messages.evaluate_all("rows => rows.forEach((row, number) => { row.number = number; })")
    ben.say("while she connects")
    ben.all_is_sent()

    line.state = "open"
    ana.page.clock.fast_forward(GIVEN_UP_MS)
    ana.is_online()
    ana.sees("see you", *numbered(3), "while she connects")
    assert ana.messages.evaluate_all("rows => rows.map(row => row.number ?? null)") == [0, 1, 2, 3, None]
    assert ana.log() == ben.log()


def test_that_nobody_has_said_anything_is_seen_with_the_page_too(
    people: People, node: RunningNode, room: str
) -> None:
    ana = people.ana()
    ana.enter(node, room)
    line = Line(ana.page)
    line.state = "silent"
    ana.page.clock.install()
    ana.page.reload()
    expect(ana.page.get_by_test_id("empty")).to_be_visible()
    ana.stands("connecting")

    line.state = "open"
    ana.page.clock.fast_forward(GIVEN_UP_MS)
    ana.is_online()
    expect(ana.page.get_by_test_id("empty")).to_be_visible()


def test_older_messages_are_read_without_a_socket_too(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    line = Line(ana.page)
    line.state = "refusing"
    with speaker(node, room) as carl:
        say_all(carl, room, numbered(150))
    ana.open(node, room)
    ana.give_name("Ana")
    expect(ana.message("message 150")).to_be_in_viewport()

    scroll_to_the_top(ana)

    expect(ana.messages.first).to_contain_text("message 1")
    expect(ana.messages.first).to_have_attribute("data-seq", "1")
    assert [text for _, _, text in ana.log()] == numbered(150)


def test_a_room_that_is_joined_fetches_no_history(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    asked: list[str] = []

    def hear(request: Request) -> None:
        if "/api/rooms/" in request.url:
            asked.append(request.url)

    ana.page.on("request", hear)
    ana.page.clock.install()
    ana.enter(node, room)
    ana.page.clock.fast_forward("00:10")
    ana.say("hello")
    ana.all_is_sent()

    assert asked == []
