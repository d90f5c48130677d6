"""Rooms that sleep: nothing of it shows but in the numbers."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from tests.conversation import Conversation
from tests.running import Nodes, RunningNode, until
from tests.talkers import KINDS

pytestmark = pytest.mark.slow

IDLE_SECONDS = 0.3


@pytest.fixture(scope="module")
def node(nodes: Nodes) -> Iterator[RunningNode]:
    with nodes.running(CHAT_RATE_LIMITS="off", CHAT_ROOM_IDLE_SECONDS=str(IDLE_SECONDS)) as node:
        yield node


def owner_of(node: RunningNode, room_id: str) -> str | None:
    """The node that has the room awake, as the database knows it."""
    with closing(sqlite3.connect(node.database)) as database:
        row = database.execute("SELECT owner_id FROM room_leases WHERE room_id = ?", (room_id,)).fetchone()
    owner: str | None = row[0] if row else None
    return owner


def fall_asleep(node: RunningNode, room_id: str) -> None:
    until(lambda: owner_of(node, room_id) is None)


def test_sleeping_between_all_steps_of_a_conversation_changes_nothing(node: RunningNode) -> None:
    with Conversation(node, KINDS["python, WebSocket"]) as conversation:
        for step in conversation.steps:
            step()
            fall_asleep(node, conversation.room)


def test_sleeping_between_any_two_steps_of_a_conversation_changes_nothing(node: RunningNode) -> None:
    def talk(sleeps_after: int) -> None:
        with Conversation(node, KINDS["python, WebSocket"]) as conversation:
            for number, step in enumerate(conversation.steps):
                step()
                if number == sleeps_after:
                    fall_asleep(node, conversation.room)

    with ThreadPoolExecutor(max_workers=4) as people:
        for talked in [people.submit(talk, after) for after in range(12)]:
            talked.result()


@pytest.fixture
def asleep(node: RunningNode) -> Iterator[Conversation]:
    """Two people who have talked, in a room that sleeps; they have heard nothing since."""
    with Conversation(node, KINDS["python, WebSocket"]) as conversation:
        conversation.ana_opens_the_room()
        conversation.bo_joins()
        conversation.both_talk()
        conversation.ana_reads()
        conversation.ana_keeps_a_value()
        fall_asleep(node, conversation.room)
        conversation.ana.heard.clear()
        conversation.bo.heard.clear()
        yield conversation


READS: dict[str, Callable[[Conversation], object]] = {
    "ping": lambda talk: talk.ana.call("ping", {"t": 1, "heads": {talk.room: 1}}),
    "history": lambda talk: talk.ask(talk.ana, "history", before=2),
    "lookup": lambda talk: talk.ask(talk.ana, "lookup", client_ids=["c-1"]),
    "REST": lambda talk: talk.node.get(
        f"/api/rooms/{talk.room}/events", {"Authorization": f"Bearer {talk.ana_signed_in['token']}"}
    ),
}


def test_reading_does_not_wake_a_room(node: RunningNode, asleep: Conversation) -> None:
    wakes = node.metric("chat_wake_seconds_count")

    for name, read in READS.items():
        assert read(asleep), name

        assert node.metric("chat_wake_seconds_count") == wakes, name
        assert owner_of(node, asleep.room) is None, name


def test_a_message_wakes_the_room_and_takes_the_next_seq(node: RunningNode, asleep: Conversation) -> None:
    wakes = node.metric("chat_wake_seconds_count")

    stored = asleep.say(asleep.bo, "c-3", "Good morning")

    assert stored["seq"] == 3
    assert node.metric("chat_wake_seconds_count") == wakes + 1
    for who in (asleep.ana, asleep.bo):
        assert who.heard.wait("event")["seq"] == 3
        assert who.heard.of("disconnect") == who.heard.of("hello") == who.heard.of("resync") == []


def test_what_the_room_knew_it_knows_again(asleep: Conversation) -> None:
    present = asleep.ask(asleep.ana, "presence")
    assert {user["name"] for user in present["users"]} == {"Ana", "Bo"}
    assert {user["devices"] for user in present["users"]} == {1}

    assert asleep.ask(asleep.ana, "read", seq=0)["seq"] == 2
    assert asleep.ask(asleep.ana, "attach", merge={})["value"] == {"draft": "Well", "seen": True}
    assert asleep.ask(asleep.bo, "message", client_id="c-2", content="Hello, Ana 👋")["duplicate"]

    for who in (asleep.ana, asleep.bo):
        assert who.heard.of("presence") == [], "nobody has come or gone"


def test_sockets_are_held_while_every_room_sleeps(nodes: Nodes) -> None:
    with (
        nodes.running(CHAT_ROOM_IDLE_SECONDS=str(IDLE_SECONDS)) as node,
        Conversation(node, KINDS["python, WebSocket"]) as conversation,
    ):
        conversation.ana_opens_the_room()
        conversation.bo_joins()

        until(lambda: node.metric("chat_rooms_awake") == 0)

        assert node.metric("chat_connections") == 2
        assert conversation.ana.call("ping", {"t": 1})["ok"]
        assert node.metric("chat_rooms_awake") == 0
