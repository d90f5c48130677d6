"""Reading a long room as a person does: only what is around the screen is in the page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

from playwright.sync_api import expect

from bench.past import PastRoom, add_rooms
from bench.servers import sqlite_url
from tests.e2e.person import Person
from tests.running import Nodes, RunningNode

TO_THE_TOP = """row => {
  const box = row.closest('[data-testid=messages]');
  box.scrollTop += row.getBoundingClientRect().top - box.getBoundingClientRect().top;
  return row.getBoundingClientRect().bottom;
}"""
BOTTOM = "row => row.getBoundingClientRect().bottom"


@contextmanager
def node_with_a_long_room(nodes: Nodes, length: int) -> Iterator[RunningNode]:
    """In the room "long" so many messages were said before the node started.

    Tests share it: who leaves is gone at once, so that the next Ana finds her name free.
    """
    node = nodes.prepared(CHAT_RATE_LIMITS="off", CHAT_PRESENCE_GRACE_SECONDS="0")
    add_rooms(sqlite_url(node.folder), [PastRoom(room_id="long", messages=length)])
    node.start()
    try:
        yield node
    finally:
        node.end()


def read_to_the_oldest(person: Person) -> list[tuple[int | None, str, str]]:
    """All messages, of which only those around the screen are in the page; what is read does not move."""
    seen: dict[int, tuple[int | None, str, str]] = {}
    while 1 not in seen:
        has_no_hole_without_a_gap_row(person)
        seen |= {row[0]: row for row in person.log() if row[0] is not None}
        if min(seen) > 1:
            loads_older_without_moving(person, min(seen))
    return [seen[number] for number in sorted(seen)]


def loads_older_without_moving(person: Person, oldest: int) -> None:
    """The row that was the first on the screen stays where it is when others come above it."""
    row = person.page.locator(f'[data-testid=message][data-seq="{oldest}"]')
    bottom = row.evaluate(TO_THE_TOP)
    expect(person.page.locator(f'[data-testid=message][data-seq="{oldest - 1}"]')).to_be_attached()
    assert abs(row.evaluate(BOTTOM) - bottom) < 1


def has_no_hole_without_a_gap_row(person: Person) -> None:
    order = person.page.eval_on_selector_all(
        "[data-testid=message], [data-testid=gap]",
        "rows => rows.map(row => row.dataset.seq ? Number(row.dataset.seq) : null)",
    )
    for before, after in pairwise(order):
        assert before is None or after is None or after == before + 1, f"{after} follows {before}"
