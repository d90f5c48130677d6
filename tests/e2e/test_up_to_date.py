"""A page that is looked at again, or online again, asks at once whether it has missed something."""

from __future__ import annotations

import pytest

from tests.e2e.line import Line
from tests.e2e.people import People
from tests.running import RunningNode, until

STEP_MS = 10  # short ones: the answer takes its time, and none of the page's
MOST_STEPS = 1_000  # ten seconds of this page's time: its next heartbeat is later


@pytest.mark.parametrize("what", ["visible", "online"])
def test_what_was_lost_on_the_way_is_there_as_soon_as_the_page_is(
    people: People, node: RunningNode, room: str, what: str
) -> None:
    ana, ben = people.ana(), people.ben()
    line = Line(ben.page)
    ana.enter(node, room)
    ben.page.clock.install()
    ben.enter(node, room)
    ben.becomes("hidden")
    line.loses = "event"
    ana.say("lost")
    ana.all_is_sent()
    until(lambda: ben.page.evaluate("true") and line.lost)
    line.loses = None
    ben.stops_the_clock()
    assert line.said("ping") == []

    if what == "visible":
        ben.becomes("visible")
    else:
        ben.page.evaluate("dispatchEvent(new Event('online'))")

    steps = 0
    while ben.messages.count() == 0 and steps < MOST_STEPS:
        ben.page.clock.run_for(STEP_MS)
        steps += 1
    ben.sees("lost")
    assert [ping["heads"] for ping in line.said("ping")] == [{room: 0}]
