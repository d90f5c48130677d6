"""Whatever people write, as a message, a name or a room, is shown as text and never does anything.

That nothing was executed or violated the Content-Security-Policy is asserted for every test of this
folder; here are the texts that try.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import ExitStack
from urllib.parse import unquote

from playwright.sync_api import Page, expect

from chatapp.protocol.rest import COOKIE as COOKIE_NAME
from tests.e2e.crowd import say_all, speaker
from tests.e2e.hostile_texts import ALL, BOMBS, NAMES, ROOMS
from tests.e2e.people import People
from tests.e2e.person import Person, path_of, scroll_to_the_top
from tests.e2e.test_both_dialects import original_client
from tests.running import RunningNode
from tests.talkers import PythonTalker

ROOMS_PER_CONNECTION = 50

# What a page of ours makes of a message: links, and those to the web, and forms that can do nothing.
ELEMENTS_IN_MESSAGES = """rows => {
  const forms = `blockquote, code, div, em, li, ol, pre, s, span, strong, table, tbody, td, tr, ul,
    .form-copy, .form-copy *`;
  const harmless = ['aria-hidden', 'aria-label', 'class', 'd', 'dir', 'hidden', 'start', 'tabindex', 'title',
    'type', 'viewBox'];
  const isHarmless = (name) => harmless.includes(name);
  const isForm = (one) => one.matches(forms) && one.getAttributeNames().every(isHarmless);
  const isLink = (one) => one.localName === 'a' && /^https?:$/.test(one.protocol);
  return rows.flatMap((row) => [...row.querySelectorAll('*')].map(
    (one) => (isLink(one) ? 'link' : isForm(one) ? 'form' : one.outerHTML)));
}"""

# Elements that none of our pages has, and all that carry a handler.
MADE_OF_MARKUP = """page => {
  const foreign = `iframe, object, embed, base, style, marquee, video, audio, math, template,
    script:not([src^='/static/'], #opening, #people-here), img:not(.card-mark, .look-picture)`;
  const hasHandler = (one) => one.getAttributeNames().some((name) => name.startsWith('on'));
  return [...page.querySelectorAll('*')].filter((one) => one.matches(foreign) || hasHandler(one)).length;
}"""
# Pages as the browser reads them that runs no scripts, without opening each.
READ_PAGES = f"""paths => Promise.all(paths.map(async (path) => {{
  const request = new XMLHttpRequest();
  request.open('GET', path);
  request.responseType = 'document';
  await new Promise((loaded) => {{
    request.onload = loaded;
    request.send();
  }});
  const page = request.response;
  const heading = page.querySelector('h1').textContent.trim();
  return {{ heading, title: page.title, madeOfMarkup: ({MADE_OF_MARKUP})(page) }};
}}))"""


def test_there_are_enough_of_them() -> None:
    assert len(set(ALL)) >= 60
    assert min(len(set(NAMES)), len(set(ROOMS))) >= 60


def test_as_messages_they_are_text(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    ana.enter(node, room)
    half = len(ALL) // 2
    with speaker(node, room) as carl:
        say_all(carl, room, ALL[:half])
        expect(ana.messages).to_have_count(half)
        for text in ALL[half:]:
            ana.say(text)

    expect(ana.messages).to_have_count(len(ALL))
    ana.all_is_sent()
    for _ in ("as they came", "as history"):
        is_formed(ana.page)
        assert [row.text for row in ana.rows()] == [text.strip() for text in ALL]
        found = ana.page.eval_on_selector_all("[data-testid=message-text]", ELEMENTS_IN_MESSAGES)
        assert set(found) == {"link", "form"}
        ana.page.reload()
        ana.is_online()
        scroll_to_the_top(ana)
        expect(ana.messages).to_have_count(len(ALL))


def test_bombs_of_markup_are_text(people: People, node: RunningNode, room: str) -> None:
    ana = people.ana()
    ana.enter(node, room)
    with speaker(node, room) as carl:
        say_all(carl, room, BOMBS)
        expect(ana.messages).to_have_count(len(BOMBS))

    for _ in ("as they came", "as history"):
        is_formed(ana.page)
        assert [row.text for row in ana.rows()] == [text.strip() for text in BOMBS]
        found = ana.page.eval_on_selector_all("[data-testid=message-text]", ELEMENTS_IN_MESSAGES)
        assert set(found) <= {"link", "form"}
        ana.page.reload()
        ana.is_online()
        expect(ana.messages).to_have_count(len(BOMBS))


def is_formed(page: Page) -> None:
    """What reads markup has come: until then a text stands there as it was typed."""
    formed = page.get_by_test_id("message-text").locator("blockquote, code, em, li")
    expect(formed.first).to_be_attached()


def test_as_names_they_are_text(people: People, node: RunningNode, room: str) -> None:
    """In the people list, over messages, in the typing line, and where a screen reader hears them."""
    ana = people.ana()
    ana.enter(node, room)
    with ExitStack() as stack:
        for number, name in enumerate(NAMES):
            client = stack.enter_context(original_client(node, room, f"x{number}", name))
            client.send('{"type": "message", "content": "it is me"}')
        expect(ana.messages).to_have_count(len(NAMES))
        expect(ana.page.get_by_test_id("person")).to_have_count(len(NAMES) + 1)
        shown = ana.page.locator("[data-testid=person] bdi").all_text_contents()

    # Some of them look alike: who comes second is given a number.
    assert sorted(map(without_number, shown)) == sorted([*NAMES, "Ana"])
    assert sorted(without_number(row.author) for row in ana.rows()) == sorted(NAMES)
    assert made_of_markup(ana.page) == 0


def without_number(name: str) -> str:
    return re.sub(r" [2-9]$", "", name)


def test_as_ones_own_name_they_are_text(people: People, node: RunningNode, room: str) -> None:
    ana, name = people.ana(), "<img src onerror=alert(1)>"
    mallory = people.person(name)
    ana.enter(node, room)
    mallory.enter(node, room)
    mallory.composer.press_sequentially("h")
    expect(ana.typing).to_have_text(f"{name} is typing…")
    mallory.say("hello")

    expect(ana.page.locator("#announcer")).to_contain_text(f"{name}: hello")
    mallory.page.goto(node.url)
    expect(mallory.page.locator("#signed-in-name")).to_have_text(name)
    assert made_of_markup(ana.page) == made_of_markup(mallory.page) == 0


def test_as_rooms_they_are_text(people: People, node: RunningNode, room: str) -> None:
    """All as the server renders them, and, since that takes a while, some as the scripts go on."""
    ana, reader = people.ana(), people.person("Ben")
    reader.page.goto(node.url)
    for name, page in zip(ROOMS, reader.page.evaluate(READ_PAGES, [*map(path_of, ROOMS)]), strict=True):
        assert page == {"heading": name, "title": name, "madeOfMarkup": 0}

    ana.enter(node, room)
    for name in ROOMS[::8]:
        ana.open(node, name)
        expect(ana.page.locator("h1")).to_have_text(name)
        expect(ana.page).to_have_title(name)
        ana.is_online()
        assert made_of_markup(ana.page) == 0


def test_in_the_list_of_ones_rooms_they_are_text(people: People, node: RunningNode, room: str) -> None:
    # Not Ana: she was in these rooms in the test before, and may hold her name there for a moment.
    lia = people.person("Lia")
    lia.enter(node, room)
    join_all(node, lia, ROOMS)

    lia.page.goto(node.url)
    visited = lia.page.locator("#visited-rooms a")
    expect(visited).to_have_count(len(ROOMS) + 1)
    paths: list[str] = visited.evaluate_all("links => links.map(link => link.pathname)")
    assert {unquote(path) for path in paths} == {f"/chat/{name}" for name in (*ROOMS, room)}
    for name in ROOMS:
        expect(visited.get_by_text(name, exact=True).first).to_be_attached()
    assert made_of_markup(lia.page) == 0


def join_all(node: RunningNode, person: Person, rooms: Sequence[str]) -> None:
    """As this person, without opening a page for each."""
    [token] = [
        cookie["value"] for cookie in person.context.cookies() if cookie["name"].startswith(COOKIE_NAME)
    ]
    for start in range(0, len(rooms), ROOMS_PER_CONNECTION):
        talker = PythonTalker(node.url, token)
        try:
            talker.connect()
            for name in rooms[start : start + ROOMS_PER_CONNECTION]:
                answer = talker.call("join", {"room": name, "limit": 1})
                assert answer["ok"], answer
        finally:
            talker.close()


def made_of_markup(page: Page) -> int:
    count: int = page.evaluate(f"() => ({MADE_OF_MARKUP})(document)")
    return count
