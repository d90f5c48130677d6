"""How much a browser has to load before one can talk."""

from __future__ import annotations

import gzip
from collections.abc import Callable

from playwright.sync_api import Response

from tests.e2e.people import People
from tests.running import RunningNode

MOST_JAVASCRIPT = 64 * 1024


def test_the_javascript_of_a_room_is_small(
    people: People, node: RunningNode, room: str, note_figure: Callable[[str], None]
) -> None:
    """All of it with socket.io-client, each file compressed by itself, as a proxy in front does."""
    ana = people.ana()
    scripts: dict[str, Response] = {}

    def hear(response: Response) -> None:
        if response.request.resource_type == "script":
            scripts[response.url] = response

    ana.page.on("response", hear)
    ana.enter(node, room)
    ana.say("hello")
    ana.all_is_sent()

    weight = sum(len(gzip.compress(response.body(), 6)) for response in scripts.values())
    note_figure(f"JavaScript of a room: {weight / 1024:.1f} KB gzipped, in {len(scripts)} files")
    assert any("socket.io" in url for url in scripts)
    assert weight <= MOST_JAVASCRIPT
