"""A slow network: what is seen when, and what is not asked for again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.crowd import numbered, say_all, speaker
from tests.e2e.people import People
from tests.e2e.person import Person, path_of
from tests.running import RunningNode

LATENCY_MS = 400
BYTES_A_SECOND = 50 * 1024
NETWORK = f"{LATENCY_MS} ms, {BYTES_A_SECOND // 1024} KB/s"
# It is told a little after it was: the first frame may still be on its way when the page is asked.
FIRST_PAINT = """() => new Promise(resolve => new PerformanceObserver((seen) => {
  const [painted] = seen.getEntriesByName('first-contentful-paint');
  if (painted) resolve(painted.startTime);
}).observe({ type: 'paint', buffered: true }))"""
LOADED = """performance.getEntriesByType('resource')
  .filter((file) => file.name.includes('/static/dist/'))
  .map((file) => ({ name: file.name, bytes: file.transferSize }))"""


@pytest.fixture
def ana(people: People, node: RunningNode, room: str) -> Person:
    """Known in a room in which a hundred messages were said, and at no page yet."""
    with speaker(node, room) as carl:
        say_all(carl, room, numbered(100))
    ana = people.ana()
    ana.enter(node, room)
    ana.page.goto("about:blank")
    return ana


@dataclass
class Wire:
    """What a page asks for from now on, its socket too, and the bytes of the answers as they came."""

    requests: int = 0
    bytes: int = 0

    def ask(self, event: dict[str, Any]) -> None:
        self.requests += not event.get("request", event)["url"].startswith("data:")

    def come(self, event: dict[str, Any]) -> None:
        self.bytes += event["encodedDataLength"]


def slow_down(person: Person, *, has_cache: bool) -> Wire:
    network, wire = person.context.new_cdp_session(person.page), Wire()
    network.on("Network.requestWillBeSent", wire.ask)
    network.on("Network.webSocketCreated", wire.ask)
    network.on("Network.loadingFinished", wire.come)
    network.send("Network.enable")
    network.send("Network.setCacheDisabled", {"cacheDisabled": not has_cache})
    network.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": LATENCY_MS,
            "downloadThroughput": BYTES_A_SECOND,
            "uploadThroughput": BYTES_A_SECOND,
        },
    )
    return wire


def ready_ms(person: Person) -> float:
    expect(person.messages).to_have_count(100)
    ready: float = person.page.evaluate("performance.now()")
    return ready


@pytest.mark.alone
def test_on_a_slow_network_a_stranger_can_type_a_name_long_before_the_room_is_there(
    people: People, node: RunningNode, room: str, note_figure: Callable[[str], None]
) -> None:
    ben = people.person("Ben")
    slow_down(ben, has_cache=False)
    ben.page.goto(node.url + path_of(room), wait_until="commit")
    expect(ben.dialog).to_be_visible()
    asked = ben.page.evaluate("performance.now()")
    painted = ben.page.evaluate(FIRST_PAINT)
    ben.give_name("Ben")
    ben.is_online()

    note_figure(
        f"{NETWORK}, a stranger: first paint after {painted:.0f} ms, asked for a name after {asked:.0f}"
    )
    assert max(painted, asked) <= 2_500  # the frame with the dialog may be the first


@pytest.mark.parametrize("script", ["who", "chat"])
def test_what_is_written_before_the_room_is_there_is_not_lost(
    people: People, node: RunningNode, room: str, script: str
) -> None:
    ana = people.ana()
    ana.enter(node, room)
    held = ana.holds_up(f"**/{script}-*.js")
    ana.page.goto(node.url + path_of(room), wait_until="commit")
    ana.composer.fill("too early")
    ana.page.get_by_test_id("composer-send").click()
    expect(ana.composer).to_have_value("too early")

    expect(ana.connection).to_have_text("Connecting…")
    ana.comes_to(held).continue_()
    ana.is_online()
    expect(ana.composer).to_have_value("too early")
    ana.composer.press("Enter")
    ana.sees("too early")


@pytest.mark.parametrize("script", ["chat", "socket.io"])
def test_a_page_that_did_not_arrive_whole_says_so_and_can_be_loaded_again(
    people: People, node: RunningNode, room: str, script: str
) -> None:
    ana = people.ana()
    ana.enter(node, room)
    ana.page.route(f"**/dist/{script}*.js", lambda route: route.abort())
    ana.open(node, room)
    expect(ana.connection).to_contain_text("The page did not arrive whole.")

    ana.page.unroute(f"**/dist/{script}*.js")
    ana.page.get_by_role("button", name="Load it again").click()
    ana.is_online()


@pytest.mark.alone
def test_on_a_slow_network_somebody_known_reads_and_talks_within_seconds(
    ana: Person, node: RunningNode, room: str, note_figure: Callable[[str], None]
) -> None:
    wire = slow_down(ana, has_cache=False)
    ana.page.goto(node.url + path_of(room), wait_until="commit")
    ready = ready_ms(ana)
    ana.is_online()
    online = ana.page.evaluate("performance.now()")

    note_figure(
        f"{NETWORK}, first visit: history after {ready:.0f} ms, online after {online:.0f}, "
        f"{wire.requests} requests, {wire.bytes / 1024:.1f} KB"
    )
    assert ready <= 4_000
    assert online <= 6_000
    assert wire.requests <= 15
    assert wire.bytes <= 90 * 1024


def test_everything_is_asked_for_at_once(ana: Person, node: RunningNode, room: str) -> None:
    ana.loads_nothing_ahead()
    ana.come_back(node, room)

    named = ana.page.eval_on_selector_all(
        "link[rel=modulepreload], script[src]", "those => those.map((one) => one.href || one.src)"
    )
    loaded = [file["name"] for file in ana.page.evaluate(LOADED)]
    assert [name for name in loaded if name.endswith(".js") and name not in named] == []


def test_what_is_shown_first_waits_for_no_socket(ana: Person, node: RunningNode, room: str) -> None:
    held = ana.holds_up("**/socket.io*.js")
    ana.page.goto(node.url + path_of(room), wait_until="commit")
    expect(ana.messages).to_have_count(100)
    expect(ana.connection).to_have_text("Connecting…")

    ana.comes_to(held).continue_()
    ana.is_online()


@pytest.mark.alone
def test_whoever_comes_back_loads_nothing_but_the_page(
    ana: Person, node: RunningNode, room: str, note_figure: Callable[[str], None]
) -> None:
    wire = slow_down(ana, has_cache=True)
    ana.open(node, room)
    ready = ready_ms(ana)

    note_figure(f"{NETWORK}, come back: history after {ready:.0f} ms, {wire.bytes / 1024:.1f} KB")
    assert ana.connection.get_attribute("data-state") == "connecting"  # it came with the page
    files = ana.page.evaluate(LOADED)
    assert len(files) > 3
    assert [file["name"] for file in files if file["bytes"] > 0] == []


def test_a_tab_of_the_build_before_opens_what_it_never_opened(
    people: People, node: RunningNode, room: str
) -> None:
    """A server has only the files of its own build: what a page may need, it has by then."""
    ana = people.ana()
    ana.page.clock.install()
    ana.enter(node, room)
    with ana.page.expect_response("**/switcher-*.js"), ana.page.expect_response("**/invite-*.js"):
        ana.page.clock.fast_forward("00:10")
    ana.page.route("**/static/**", lambda route: route.abort())

    ana.page.keyboard.press("Control+K")
    expect(ana.page.get_by_role("dialog", name="Go to another room")).to_contain_text("No other room yet")
    ana.page.keyboard.press("Escape")
    ana.page.get_by_test_id("invite").click()
    expect(ana.page.get_by_role("dialog", name="Invite others")).to_be_visible()
