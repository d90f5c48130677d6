"""A room in a page of another site: docs/examples/embed.html, as it is."""

from __future__ import annotations

import base64
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.e2e.files import choose, photo, send
from tests.e2e.line import Line
from tests.e2e.people import People
from tests.e2e.person import Person
from tests.running import ROOT, Nodes, RunningNode, until

EXAMPLE = (ROOT / "docs" / "examples" / "embed.html").read_text()
CLIENTS = (ROOT / "docs" / "clients.md").read_text()
SERVER_IN_EXAMPLE = "http://127.0.0.1:8000"
ROOM = "questions"
# As a visitor would, in a page that has a field for it.
CHOOSE = """base64 => {
  const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], 'field.jpg', { type: 'image/jpeg' }));
  const field = Object.assign(document.createElement('input'), { type: 'file', files: transfer.files });
  document.body.append(field);
}"""
SEND = """async ({ files: [file] }) => {
  const picture = await fileFrom(file, { alt: 'A field' });
  window.room.send('', { files: [picture] });
}"""
# Of the newest picture, or of a smaller one of it.
WIDTH_SHOWN = """async (thumb) => {
  const [upload] = window.room.lines().at(-1).body.uploads;
  return (await createImageBitmap(await bytesOf(window.room, upload, thumb))).width;
}"""


class Site:
    """A site of somebody else, of one page."""

    def __init__(self) -> None:
        site = self
        self.page = ""

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = site.page.encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_of: object) -> None:
                """Its visits are of no interest."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def shows_the_room_of(self, node: RunningNode, room: str = ROOM) -> None:
        assert SERVER_IN_EXAMPLE in EXAMPLE
        assert f"room: '{ROOM}'" in EXAMPLE
        self.page = EXAMPLE.replace(SERVER_IN_EXAMPLE, node.url).replace(f"room: '{ROOM}'", f"room: '{room}'")

    def has_what_embeds_a_room_of(self, node: RunningNode) -> None:
        """A page that does nothing by itself: the test calls what the script exports."""
        script = f"import * as chat from '{node.url}/static/js/embed.js'; Object.assign(window, chat);"
        self.page = f'<!doctype html><title>A site</title><script type="module">{script}</script>'


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    site = Site()
    thread = threading.Thread(target=site.server.serve_forever)
    thread.start()
    yield site
    site.server.shutdown()
    thread.join()
    site.server.server_close()


@pytest.fixture(scope="module")
def hospitable_node(chromium_path: str, nodes: Nodes, site: Site) -> Iterator[RunningNode]:
    """One that lists the site."""
    with nodes.running(CHAT_RATE_LIMITS="off", CHAT_ALLOWED_ORIGINS=site.url) as node:
        yield node


def visits(people: People, site: Site, node: RunningNode) -> Person:
    """Somebody at a page that does nothing by itself."""
    site.has_what_embeds_a_room_of(node)
    visitor = people.person("visitor")
    visitor.page.goto(site.url)
    return visitor


def opens(person: Person, room: str, name: str) -> dict[str, str]:
    """As whom one is in the room then."""
    opening = "async ([room, name]) => (window.room = await openRoom({ room, name })).me"
    me: dict[str, str] = person.page.evaluate(opening, [room, name])
    return me


def says(person: Person, text: str) -> None:
    person.page.get_by_label("Message").fill(text)
    person.page.get_by_role("button", name="Send").click()


def hears(person: Person, *texts: str) -> None:
    expect(person.page.get_by_role("listitem")).to_have_text(list(texts))


def test_a_visitor_of_a_listed_site_talks_with_those_at_the_chat(
    people: People, hospitable_node: RunningNode, site: Site
) -> None:
    site.shows_the_room_of(hospitable_node)
    ana, visitor, another = people.ana(), people.person("visitor"), people.person("another")
    ana.enter(hospitable_node, ROOM)
    visitor.page.goto(site.url)
    says(visitor, "Is somebody there?")
    ana.sees("Is somebody there?")
    ana.say("I am.")
    hears(visitor, "Visitor: Is somebody there?", "Ana: I am.")

    another.page.goto(site.url)
    hears(another, "Visitor: Is somebody there?", "Ana: I am.")
    says(another, "So am I")
    hears(visitor, "Visitor: Is somebody there?", "Ana: I am.", "Visitor 2: So am I")
    ana.sees_people("Ana", "Visitor", "Visitor 2")

    visitor.page.reload()
    hears(visitor, "Visitor: Is somebody there?", "Ana: I am.", "Visitor 2: So am I")
    says(visitor, "And I am the same as before")
    ana.sees("Is somebody there?", "I am.", "So am I", "And I am the same as before")
    assert [row.author for row in ana.rows()] == ["Visitor", "Ana", "Visitor 2", "Visitor"]


def test_a_visitor_sends_a_picture_and_sees_those_of_others(
    people: People, hospitable_node: RunningNode, site: Site, room: str
) -> None:
    ana, visitor = people.ana(), visits(people, site, hospitable_node)
    ana.enter(hospitable_node, room)
    opens(visitor, room, "Visitor")
    visitor.page.evaluate(CHOOSE, base64.b64encode(photo().bytes).decode())
    visitor.page.locator("input[type=file]").evaluate(SEND)
    expect(ana.page.get_by_role("img", name="A field")).to_be_visible()
    ana.page.wait_for_function("() => document.querySelector('.picture-image')?.naturalWidth > 0")
    assert visitor.page.evaluate(WIDTH_SHOWN, 0) == 1600

    choose(ana, photo("back.jpg", (800, 600)))
    send(ana)
    ana.all_is_sent()
    visitor.page.wait_for_function("() => window.room.lines().at(-1).author.name === 'Ana'")
    assert visitor.page.evaluate(WIDTH_SHOWN, 360) == 360


def test_the_lines_in_the_guide_work_as_they_stand(
    people: People, hospitable_node: RunningNode, site: Site, room: str
) -> None:
    lines = re.search(r"```html\n(.*?)```", CLIENTS, re.DOTALL)
    assert lines
    assert f"room: '{ROOM}'" in lines[1]
    site.page = (
        lines[1].replace("https://chat.example", hospitable_node.url).replace(f"'{ROOM}'", f"'{room}'")
    )
    visitor = people.person("visitor")
    visitor.page.goto(site.url)
    says(visitor, "One")
    says(visitor, "Two")
    hears(visitor, "Visitor: One", "Visitor: Two")
    assert visitor.page.url == f"{site.url}/"

    visitor.page.reload()
    hears(visitor, "Visitor: One", "Visitor: Two")


def test_a_site_that_is_not_listed_gets_nothing(browser: Browser, node: RunningNode, site: Site) -> None:
    """This one's pages do complain."""
    site.shows_the_room_of(node)
    context = browser.new_context()
    page = context.new_page()
    with page.expect_console_message(lambda said: "CORS" in said.text):
        page.goto(site.url)

    expect(page.get_by_role("listitem")).to_have_count(0)
    context.close()


def test_who_cannot_take_the_suggested_name_at_once_takes_it_later(
    people: People, hospitable_node: RunningNode, site: Site, room: str
) -> None:
    site.shows_the_room_of(hospitable_node, room)
    first, second = people.person("first"), people.person("second")
    first.page.goto(site.url)
    says(first, "Mine is the name")
    hears_last(first, "Visitor: Mine is the name")

    failed: list[str] = []

    def fails_once(route: Route) -> None:
        if failed or "authorization" not in route.request.headers or route.request.method != "POST":
            route.continue_()
        else:
            failed.append(route.request.url)
            route.abort()

    second.page.route("**/api/session", fails_once)
    second.page.goto(site.url)
    says(second, "Then I am another")
    hears_last(first, "Visitor 2: Then I am another")
    assert failed


def hears_last(person: Person, text: str) -> None:
    expect(person.page.get_by_role("listitem").last).to_have_text(text)


def test_without_storage_a_page_has_one_guest_all_the_same(
    people: People, hospitable_node: RunningNode, site: Site, room: str
) -> None:
    site.has_what_embeds_a_room_of(hospitable_node)
    visitor = people.person("visitor")
    refuses = "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException(); } });"
    visitor.page.add_init_script(refuses)
    visitor.page.goto(site.url)
    first = opens(visitor, f"{room}-1", "Visitor")
    assert opens(visitor, f"{room}-2", "Visitor") == first


def test_two_rooms_that_are_opened_at_once_have_one_guest(
    people: People, hospitable_node: RunningNode, site: Site, room: str
) -> None:
    visitor = visits(people, site, hospitable_node)
    both = """async (rooms) => {
      const opened = await Promise.all(rooms.map((room) => openRoom({ room, name: 'Visitor' })));
      return opened.map((room) => room.me.id);
    }"""
    one, other = visitor.page.evaluate(both, [f"{room}-1", f"{room}-2"])
    assert one == other

    visitor.page.reload()
    assert opens(visitor, f"{room}-1", "Visitor")["id"] == one


def test_two_tabs_that_are_opened_at_once_have_one_guest(
    people: People, hospitable_node: RunningNode, site: Site, room: str
) -> None:
    site.has_what_embeds_a_room_of(hospitable_node)
    first = people.person("visitor")
    second = first.another_tab()
    begins = "([room]) => { window.opened = openRoom({ room, name: 'Visitor' }); }"
    held = first.holds_up("**/api/session")
    for tab in (first, second):
        tab.page.goto(site.url)
    with first.page.expect_request("**/api/session"):
        first.page.evaluate(begins, [room])
    second.page.evaluate(begins, [room])
    first.comes_to(held)
    first.lets_go("**/api/session", held)

    ids = [tab.page.evaluate("async () => (await window.opened).me.id") for tab in (first, second)]
    assert ids[0] == ids[1]


def test_who_comes_back_under_another_name_has_it(
    people: People, hospitable_node: RunningNode, site: Site, room: str
) -> None:
    ana, visitor = people.ana(), visits(people, site, hospitable_node)
    ana.enter(hospitable_node, room)
    first = opens(visitor, room, "First")
    visitor.page.reload()
    assert opens(visitor, room, "Second") == {**first, "name": "Second"}
    ana.sees_people("Ana", "Second")


def test_who_has_made_way_is_not_renamed_at_each_visit(
    people: People, hospitable_node: RunningNode, site: Site, room: str
) -> None:
    ana, visitor = people.ana(), visits(people, site, hospitable_node)
    ana.enter(hospitable_node, room)
    opens(visitor, room, "Ana")
    ana.sees_people("Ana", "Ana 2")

    signed_in: list[str] = []
    visitor.page.on("request", lambda request: signed_in.append(request.method))
    visitor.page.reload()
    assert opens(visitor, room, "Ana")["name"] == "Ana 2"
    assert "POST" not in signed_in


def test_a_name_is_changed_in_all_rooms_of_the_page(
    people: People, hospitable_node: RunningNode, site: Site, room: str
) -> None:
    ana, visitor = people.ana(), visits(people, site, hospitable_node)
    ana.enter(hospitable_node, room)
    opens(visitor, room, "Visitor")
    opens(visitor, f"{room}-2", "Visitor")
    ana.sees_people("Ana", "Visitor")

    visitor.page.evaluate("() => changeName('Ben')")
    ana.sees_people("Ana", "Ben")
    assert visitor.page.evaluate("() => room.me.name") == "Ben"

    visitor.page.reload()
    assert opens(visitor, room, "Ben")["name"] == "Ben"


def test_a_room_that_is_refused_is_told_in_the_servers_words(
    people: People, hospitable_node: RunningNode, site: Site
) -> None:
    visitor = visits(people, site, hospitable_node)
    opens_in_vain = """(room) => openRoom({ room, name: 'Visitor' }).then(
      () => null,
      (error) => ({ isError: error instanceof Error, words: error.message, code: error.refusal.code }),
    )"""
    with visitor.page.expect_websocket() as socket:
        told = visitor.page.evaluate(opens_in_vain, "bad/name")
    assert told is not None
    assert (told["isError"], told["code"]) == (True, "bad_request")
    assert "room" in told["words"]
    if not socket.value.is_closed():
        socket.value.wait_for_event("close")


def test_a_page_shows_why_its_room_is_refused(
    people: People, hospitable_node: RunningNode, site: Site
) -> None:
    site.shows_the_room_of(hospitable_node, "bad/name")
    visitor = people.person("visitor")
    visitor.page.clock.install()
    asked: list[str] = []
    visitor.page.on("request", lambda request: asked.append(request.url))
    visitor.page.goto(site.url)
    expect(visitor.page.get_by_role("alert")).to_contain_text("room")
    expect(visitor.page.get_by_role("button", name="Send")).to_be_hidden()

    visitor.page.clock.fast_forward(5_000)
    expect(visitor.page.get_by_role("alert")).to_contain_text("room")
    assert not [url for url in asked if "/api/rooms/" in url]


def test_a_page_shows_that_nobody_can_be_signed_in(
    people: People, hospitable_node: RunningNode, site: Site
) -> None:
    site.shows_the_room_of(hospitable_node)
    visitor = people.person("visitor")
    visitor.page.route("**/api/session", lambda route: route.abort())
    visitor.page.goto(site.url)
    expect(visitor.page.get_by_role("alert")).to_have_text("The server cannot be reached. Please try again.")


def test_a_room_is_there_to_write_in_while_there_is_no_connection(
    people: People, hospitable_node: RunningNode, site: Site, room: str
) -> None:
    site.shows_the_room_of(hospitable_node, room)
    ana, visitor = people.ana(), people.person("visitor")
    ana.enter(hospitable_node, room)
    line = Line(visitor.page)
    line.state = "refusing"
    visitor.page.goto(site.url)
    hears(visitor)
    says(visitor, "Once I am there")
    hears(visitor, "Visitor: Once I am there")

    line.state = "open"
    ana.sees("Once I am there")


def test_a_room_that_does_not_answer_is_not_waited_for_for_ever(
    people: People, hospitable_node: RunningNode, site: Site, room: str
) -> None:
    site.has_what_embeds_a_room_of(hospitable_node)
    visitor = people.person("visitor")
    visitor.page.clock.install()
    Line(visitor.page).state = "silent"
    visitor.page.goto(site.url)
    begins = "(room) => { openRoom({ room, name: 'Visitor' }).then(() => { window.isOpen = true; }); }"
    visitor.page.evaluate(begins, room)

    def is_open() -> bool:
        visitor.page.clock.run_for(1_000)
        return bool(visitor.page.evaluate("() => window.isOpen"))

    until(is_open)


def test_the_advised_security_policy_lets_a_room_have_its_web_socket(
    people: People, hospitable_node: RunningNode, site: Site, room: str
) -> None:
    """Without its address a room is there as well, by long polling."""
    advised = re.search(r"`(script-src [^`]+)`", CLIENTS)
    assert advised
    policy = advised[1].replace("wss://chat.example", hospitable_node.url.replace("http:", "ws:"))
    policy = policy.replace("https://chat.example", f"{hospitable_node.url} 'unsafe-inline'", 1)
    policy = policy.replace("https://chat.example", hospitable_node.url)
    site.shows_the_room_of(hospitable_node, room)
    charset = '<meta charset="utf-8">'
    site.page = site.page.replace(
        charset, f'{charset}<meta http-equiv="Content-Security-Policy" content="{policy}">'
    )
    visitor = people.person("visitor")
    with visitor.page.expect_websocket() as socket:
        visitor.page.goto(site.url)
    says(visitor, "Live")
    hears(visitor, "Visitor: Live")
    assert not socket.value.is_closed()


def test_what_the_guide_names_of_a_room_is_there(
    people: People, hospitable_node: RunningNode, site: Site, room: str
) -> None:
    visitor = visits(people, site, hospitable_node)
    opens(visitor, room, "Visitor")
    named = set(re.findall(r"\broom((?:\.\w+)+)", CLIENTS))
    assert {".send", ".typing.write", ".connection.stop"} <= named
    missing = """(paths) => paths.filter((path) =>
      path.split('.').slice(1).reduce((of, name) => of?.[name], room) === undefined)"""
    assert visitor.page.evaluate(missing, sorted(named)) == []


def test_who_leaves_for_good_is_gone_at_once(
    people: People, hospitable_node: RunningNode, site: Site, room: str
) -> None:
    ana, visitor = people.ana(), visits(people, site, hospitable_node)
    ana.enter(hospitable_node, room)
    opens(visitor, room, "Visitor")
    visitor.page.evaluate("() => room.typing.write()")
    expect(ana.typing).to_contain_text("Visitor")
    ana.sees_people("Ana", "Visitor")

    visitor.page.evaluate("async () => { await room.leave(1_000); room.connection.stop(); }")
    assert visitor.page.evaluate("() => room.connection.status.state") == "idle"
    ana.sees_people("Ana")
