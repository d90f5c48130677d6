"""A machine whose clock is minutes off: what it shows goes by the server's."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.people import People
from tests.e2e.person import Person
from tests.running import Nodes, RunningNode

RETENTION_SECONDS = 6
TICK_SECONDS = 1  # a page looks once a second for what has expired


@pytest.fixture(scope="module")
def forgetful_node(chromium_path: str, nodes: Nodes) -> Iterator[RunningNode]:
    with nodes.running(
        CHAT_RATE_LIMITS="off",
        CHAT_PRESENCE_GRACE_SECONDS="1",
        CHAT_RETENTION_HOURS=str(RETENTION_SECONDS / 3600),
    ) as node:
        yield node


@pytest.mark.parametrize("minutes_off", [-3, 3, 7], ids=["3-slow", "3-fast", "7-fast"])
def test_times_and_groups_are_by_the_servers_clock(
    people: People, node: RunningNode, room: str, minutes_off: int
) -> None:
    """Also those of what is not sent yet: it does not jump when it is."""
    ana, ben = people.ana(), people.ben()
    set_clock(ben, minutes_off)
    ana.enter(node, room)
    ben.enter(node, room)
    ana.say("one")
    ben.sees("one")
    ben.say("two")
    ben.all_is_sent()
    ben.go_offline()
    ben.say("three")

    waiting = ben.message("three")
    expect(waiting).to_have_attribute("data-state", "waiting")
    assert abs(time_of(waiting) - datetime.now(UTC)) < timedelta(minutes=1)
    groups = [row.is_first for row in ben.rows()]
    ben.go_online()
    ben.all_is_sent()
    ana.sees("one", "two", "three")
    assert [row.is_first for row in ben.rows()] == groups == [True, True, False]
    for text in ("one", "two", "three"):
        assert time_of(ben.message(text)) == time_of(ana.message(text))
        assert (
            ben.message(text).locator("time").text_content()
            == ana.message(text).locator("time").text_content()
        )


@pytest.mark.parametrize("minutes_off", [-3, 3], ids=["3-slow", "3-fast"])
def test_messages_expire_by_the_servers_clock(
    people: People, forgetful_node: RunningNode, room: str, minutes_off: int
) -> None:
    ana, ben = people.ana(), people.ben()
    set_clock(ben, minutes_off)
    ana.enter(forgetful_node, room)
    ben.enter(forgetful_node, room)
    said_at = time.monotonic()
    ana.say("soon gone")
    ben.sees("soon gone")

    ben.sees()
    assert time.monotonic() - said_at > RETENTION_SECONDS - TICK_SECONDS


def set_clock(person: Person, minutes_off: int) -> None:
    person.page.clock.install(time=datetime.now(UTC) + timedelta(minutes=minutes_off))


def time_of(message: Locator) -> datetime:
    shown = message.locator("time").get_attribute("datetime")
    assert shown is not None
    return datetime.fromisoformat(shown)
