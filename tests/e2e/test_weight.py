"""How much a browser has to load before one can talk."""

from __future__ import annotations

import gzip
from collections.abc import Callable

from playwright.sync_api import Response, expect

from tests.e2e.people import People
from tests.running import RunningNode

MOST_JAVASCRIPT = 90 * 1024


def test_the_javascript_of_a_room_is_small(
    people: People, node: RunningNode, room: str, note_figure: Callable[[str], None]
) -> None:
    """All of it, with socket.io-client and what reads markup; each file as a proxy in front compresses it."""
    ana = people.ana()
    ana.loads_nothing_ahead()
    scripts: dict[str, Response] = {}

    def hear(response: Response) -> None:
        if response.request.resource_type == "script":
            scripts[response.url] = response

    ana.page.on("response", hear)
    ana.enter_as_a_stranger(node, room)
    ana.say("hello **all**")
    ana.all_is_sent()
    expect(ana.page.locator("strong")).to_be_visible()

    weight = sum(len(gzip.compress(response.body(), 6)) for response in list(scripts.values()))
    note_figure(f"JavaScript of a room: {weight / 1024:.1f} KB gzipped, in {len(scripts)} files")
    assert any("socket.io" in url for url in scripts)
    assert weight <= MOST_JAVASCRIPT
