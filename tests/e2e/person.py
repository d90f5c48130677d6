"""One person at one page: what they do, and what they see.

What is seen is read from the page as it stands; waiting is left to ``expect``, which looks again
until it holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol
from urllib.parse import quote

from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from tests.running import until

# The whole machine is busy while tests run: a page that is right but slow is not a failure.
PATIENCE_MS = 20_000
BECOME = """state => {
  Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
}"""
_READ_OUTBOX = """() => new Promise((resolve) => {
  indexedDB.open('chat').onsuccess = ({ target: { result } }) => {
    const asked = result.transaction('outbox').objectStore('outbox').getAll();
    asked.onsuccess = () => {
      result.close();
      resolve(asked.result);
    };
  };
})"""
_COUNT_TABS = """async () => {
  const { held } = await navigator.locks.query();
  return held.filter(({ name }) => name.startsWith('chat-device:')).length;
}"""
# As long as a page waits before it loads what it may need later.
_NOTHING_AHEAD = """window.setTimeout = (set => (then, ms, ...more) =>
  [3_000, 10_000].includes(ms) ? 0 : set(then, ms, ...more))(window.setTimeout);"""
_READ_ROWS = """rows => rows.map(row => ({
  seq: row.dataset.seq ? Number(row.dataset.seq) : null,
  state: row.dataset.state,
  author: row.querySelector('[data-testid=message-author]').textContent,
  text: row.querySelector('[data-testid=message-text]').textContent,
  is_first: row.classList.contains('message-first'),
}))"""

expect.set_options(timeout=PATIENCE_MS)


class Site(Protocol):
    """Where pages come from, such as a node."""

    @property
    def url(self) -> str: ...


def path_of(room: str) -> str:
    return f"/chat/{quote(room, safe='')}"


@dataclass(frozen=True, kw_only=True)
class Row:
    """A message as it stands on the screen."""

    seq: int | None
    state: str
    author: str
    text: str
    is_first: bool  # of its author's run: it shows the name


class Person:
    """One person at one page; ``another_tab`` is the same person again."""

    def __init__(
        self, name: str, context: BrowserContext, looks: dict[str, Any], page: Page | None = None
    ) -> None:
        self.name = name
        self.context = context
        self._looks = looks
        self._said_last: str | None = None
        self._lets_pass: set[str] = set()
        self.page: Page = page or context.new_page()

    def another_tab(self) -> Person:
        return Person(self.name, self.context, self._looks)

    @property
    def has_touch(self) -> bool:
        return bool(self._looks.get("has_touch"))

    @property
    def composer(self) -> Locator:
        return self.page.get_by_test_id("composer-input")

    @property
    def connection(self) -> Locator:
        return self.page.get_by_test_id("connection")

    @property
    def messages(self) -> Locator:
        return self.page.get_by_test_id("message")

    @property
    def typing(self) -> Locator:
        return self.page.get_by_test_id("typing")

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_test_id("name-dialog")

    def message(self, text: str) -> Locator:
        return self.messages.filter(has_text=text)

    def open(self, node: Site, room: str) -> None:
        self.page.goto(node.url + path_of(room))

    def enter(self, node: Site, room: str) -> None:
        """Open a room for the first time, under one's own name, with the cookie of having given it elsewhere.

        To be asked for it takes a page of its own: that is for tests of the question.
        """
        assert self.context.request.post(f"{node.url}/api/session", data={"name": self.name}).ok
        self.come_back(node, room)

    def enter_as_a_stranger(self, node: Site, room: str) -> None:
        """Open a room for the first time, and give one's name in its dialog."""
        self.open(node, room)
        self.give_name(self.name)
        self.is_online()

    def come_back(self, node: Site, room: str) -> None:
        """Open a room as somebody who is known here."""
        self.open(node, room)
        self.is_online()

    def give_name(self, name: str) -> None:
        self.page.get_by_test_id("name-input").fill(name)
        self.page.get_by_test_id("name-submit").click()

    def say(self, *texts: str) -> None:
        """As the device has it: the Enter key of a phone breaks the line."""
        for text in texts:
            self.composer.fill(text)
            if self.has_touch:
                self.page.get_by_test_id("composer-send").tap()
            else:
                self.composer.press("Enter")
            self._said_last = text

    def becomes(self, state: Literal["hidden", "visible"]) -> None:
        """What the page is told of whether it can be seen."""
        self.page.evaluate(BECOME, state)

    def holds_up(self, pattern: str) -> list[Route]:
        """What is asked for at these addresses waits here until somebody lets it go on."""
        held: list[Route] = []

        def hold(route: Route) -> None:
            if pattern in self._lets_pass:
                route.continue_()
            else:
                held.append(route)

        self._lets_pass.discard(pattern)
        self.page.route(pattern, hold)
        return held

    def comes_to(self, held: list[Route]) -> Route:
        """The first that waits, once it does; it is heard while one asks the page for something."""
        until(lambda: self.page.evaluate("0") or held)
        return held[0]

    def lets_go(self, pattern: str, held: list[Route]) -> None:
        """What waits goes on, and what is asked for from now on does not wait."""
        self._lets_pass.add(pattern)
        for route in held:
            route.continue_()

    def loads_nothing_ahead(self) -> None:
        """From the next page on: what it loads in peace, for later, stays away however long a test takes."""
        self.page.add_init_script(_NOTHING_AHEAD)

    def has_kept(self, *texts: str) -> None:
        """What was said waits in this browser's storage, and outlives the page."""
        until(lambda: {*texts} <= {entry["content"] for entry in self.outbox()})

    def stops_the_clock(self) -> None:
        """Nothing comes by itself then. It runs on while it is read and is never set back: a second ahead."""
        self.page.clock.pause_at(self.page.evaluate("Date.now() / 1000") + 1)

    def go_offline(self) -> None:
        self.context.set_offline(True)
        self.stands("offline")

    def go_online(self) -> None:
        self.context.set_offline(False)
        self.is_online()

    def stands(self, *states: str) -> None:
        """The connection line comes to say one of these."""
        one_of_them = self.connection.and_(
            self.page.locator(", ".join(f'[data-state="{state}"]' for state in states))
        )
        expect(one_of_them).to_be_visible()

    def is_online(self) -> None:
        self.stands("online")

    def sees(self, *texts: str) -> None:
        """Exactly these messages, in this order."""
        expect(self.page.get_by_test_id("message-text")).to_have_text(list(texts))

    def sees_people(self, *names: str) -> None:
        """Exactly these in the people list: oneself first, then by name."""
        expect(self.page.locator("[data-testid=person] bdi")).to_have_text(list(names))
        expect(self.page.locator("[data-testid=person][data-lost]")).to_have_count(0)

    def all_is_sent(self) -> None:
        """What was said has its row, and no row waits."""
        if self._said_last is not None:
            expect(self.message(self._said_last).last).to_be_attached()
            self._said_last = None
        expect(self.page.locator("[data-testid=message]:not([data-state=sent])")).to_have_count(0)

    def outbox(self) -> list[dict[str, Any]]:
        """What waits in this browser to be sent, as a reload would find it."""
        found: list[dict[str, Any]] = self.page.evaluate(_READ_OUTBOX)
        return found

    def is_the_only_tab(self) -> None:
        """The browser lets go of a tab that was closed a moment later: until then it counts as alive."""
        until(lambda: self.page.evaluate(_COUNT_TABS) == 1)

    def rows(self) -> list[Row]:
        found = self.page.eval_on_selector_all("[data-testid=message]", _READ_ROWS)
        return [Row(**row) for row in found]

    def log(self) -> list[tuple[int | None, str, str]]:
        """What two people must have alike: number, author and text of every message."""
        return [(row.seq, row.author, row.text) for row in self.rows()]


def scroll_to_the_top(person: Person) -> None:
    person.page.get_by_test_id("messages").evaluate("box => { box.scrollTop = 0; }")
