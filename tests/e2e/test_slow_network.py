"""A slow network: what is seen when, and what is not asked for again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.crowd import numbered, say_all, speaker
from tests.e2e.people import People
from tests.e2e.person import Person
from tests.running import RunningNode

LATENCY_MS = 400
BYTES_A_SECOND = 50 * 1024
NETWORK = f"{LATENCY_MS} ms, {BYTES_A_SECOND // 1024} KB/s"
FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
LOADED = """performance.getEntriesByType('resource')
  .filter((file) => file.name.includes('/static/build-'))
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


def slow_down(person: Person, *, has_cache: bool) -> None:
    network = person.context.new_cdp_session(person.page)
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


def ready_ms(person: Person) -> float:
    expect(person.messages).to_have_count(100)
    ready: float = person.page.evaluate("performance.now()")
    return ready


def test_on_a_slow_network_something_is_seen_long_before_the_room_is_there(
    ana: Person, node: RunningNode, room: str, note_figure: Callable[[str], None]
) -> None:
    slow_down(ana, has_cache=False)
    ana.open(node, room)
    ready = ready_ms(ana)
    painted = ana.page.evaluate(FIRST_PAINT)

    note_figure(f"{NETWORK}, first visit: first paint after {painted:.0f} ms, history after {ready:.0f} ms")
    assert painted < ready


def test_whoever_comes_back_loads_nothing_but_the_page(
    ana: Person, node: RunningNode, room: str, note_figure: Callable[[str], None]
) -> None:
    slow_down(ana, has_cache=True)
    ana.open(node, room)
    ready = ready_ms(ana)

    note_figure(f"{NETWORK}, come back: history after {ready:.0f} ms")
    files = ana.page.evaluate(LOADED)
    assert len(files) > 50
    assert [file["name"] for file in files if file["bytes"] > 0] == []
