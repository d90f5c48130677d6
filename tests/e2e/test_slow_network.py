"""A slow network: what is seen when."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.crowd import numbered, say_all, speaker
from tests.e2e.people import People
from tests.running import RunningNode

LATENCY_MS = 400
BYTES_A_SECOND = 50 * 1024
FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"


def test_on_a_slow_network_something_is_seen_long_before_the_room_is_there(
    people: People, node: RunningNode, room: str, note_figure: Callable[[str], None]
) -> None:
    ana = people.ana()
    with speaker(node, room) as carl:
        say_all(carl, room, numbered(100))
    ana.enter(node, room)
    ana.page.goto("about:blank")
    network = ana.context.new_cdp_session(ana.page)
    network.send("Network.enable")
    network.send("Network.setCacheDisabled", {"cacheDisabled": True})
    network.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": LATENCY_MS,
            "downloadThroughput": BYTES_A_SECOND,
            "uploadThroughput": BYTES_A_SECOND,
        },
    )

    ana.open(node, room)
    expect(ana.messages).to_have_count(100)
    ready_ms = ana.page.evaluate("performance.now()")
    painted_ms = ana.page.evaluate(FIRST_PAINT)

    network_is = f"{LATENCY_MS} ms, {BYTES_A_SECOND // 1024} KB/s, nothing cached"
    note_figure(f"{network_is}: first paint after {painted_ms:.0f} ms, history after {ready_ms:.0f} ms")
    assert painted_ms < ready_ms
