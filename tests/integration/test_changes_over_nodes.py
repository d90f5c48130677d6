"""Messages that change on two nodes while the owner of their room is killed: all end with one picture."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from chatapp.client import ChatClient
from tests.redis_servers import RedisServer, valkey
from tests.running import Nodes, RunningNode, until

__all__ = ["valkey"]

pytestmark = pytest.mark.slow

ROOM = "lobby"
SECONDS = 60.0  # a killed owner is missed after its lease

Picture = dict[int, Any]


@pytest.fixture
def two_nodes(
    nodes: Nodes, postgresql_url: str, valkey: RedisServer
) -> Iterator[tuple[RunningNode, RunningNode]]:
    settings = {
        "DATABASE_URL": postgresql_url,
        "REDIS_URL": valkey.url,
        "SECRET_KEY": "k" * 40,
        "CHAT_RATE_LIMITS": "off",
    }
    with nodes.running(**settings) as owner, nodes.running(**settings) as other:
        yield owner, other


def picture_of(chat: ChatClient) -> Picture:
    """What a person sees, and which reactions are theirs."""
    room = chat.room(ROOM)
    return chat.take_turn(
        lambda: {row["seq"]: (row["body"], row.get("rev"), room.mine(row["seq"])) for row in room.messages}
    )


def as_read_anew(node: RunningNode, chat: ChatClient) -> Picture:
    """What the same person sees who comes with nothing."""
    with ChatClient(node.url, token=chat.token) as fresh:
        room = fresh.join(ROOM, SECONDS)
        while fresh.take_turn(lambda: room.log.start) == "more":
            before = len(picture_of(fresh))
            fresh.take_turn(room.older)
            fresh.wait_for(partial(lambda before: len(picture_of(fresh)) > before, before))
        return picture_of(fresh)


def change_something(chat: ChatClient, number: int, seqs: list[int], own: list[int]) -> list[str]:
    """One step of a person who never waits for an answer; the client ids of what must be stored once."""
    room = chat.room(ROOM)
    seq = seqs[number % len(seqs)]
    chat.react(ROOM, seq, "👍🎉"[number % 2], on=number % 3 > 0)
    match number % 4:
        case 0:
            text = f"answer {number} to @Ana and @here"
            return [chat.send(ROOM, text, reply_to=seq, mentions=chat.mentions_in(ROOM, text))]
        case 1:
            text = f"edited {number}, @{('Ana', 'Bo', 'nobody')[number % 3]}"
            own_seq = own[number % len(own)]
            return [chat.edit(ROOM, own_seq, text, mentions=chat.mentions_in(ROOM, text))]
        case 2 if number % 8 == 2:
            deletion = chat.delete(ROOM, own[number % len(own)])
            chat.take_turn(room.flush)
            return [deletion] if deletion else []
    return [chat.send(ROOM, f"said {number}")]


def is_settled(chat: ChatClient) -> bool:
    outbox = chat.room(ROOM).outbox
    return not outbox.reactions and all(entry.state in {"failed", "conflict"} for entry in outbox.entries)


def test_all_end_with_the_same_picture_over_a_kill_of_the_owner(
    two_nodes: tuple[RunningNode, RunningNode],
) -> None:
    owner, other = two_nodes
    with ChatClient(owner.url, name="Ana") as ana, ChatClient(other.url, name="Bo") as bo:
        people = (ana, bo)
        own: dict[ChatClient, list[int]] = {}
        for chat in people:
            chat.join(ROOM)
            sent = [chat.send(ROOM, f"text {n}") for n in range(12)]
            own[chat] = [chat.wait_sent(ROOM, client_id) for client_id in sent]
        seqs = [seq for chat in people for seq in own[chat]]
        for chat in people:
            chat.wait_for(partial(lambda chat: len(picture_of(chat)) == len(seqs), chat))

        changes: dict[ChatClient, list[str]] = {chat: [] for chat in people}
        for number in range(80):
            for chat in people:
                changes[chat] += change_something(chat, number, seqs, own[chat])
            if number == 30:
                owner.kill()
            if number == 50:
                owner.start()

        for chat in people:
            chat.wait_for(partial(is_settled, chat), SECONDS)
        until(lambda: picture_of(ana).keys() == picture_of(bo).keys(), SECONDS)
        until(lambda: without_mine(picture_of(ana)) == without_mine(picture_of(bo)), SECONDS)
        for chat in people:
            assert picture_of(chat) == as_read_anew(other, chat)
        assert any("mentions" in body for body, _rev, _mine in picture_of(bo).values())
        log = log_of(other)
        assert [event["seq"] for event in log] == list(range(1, len(log) + 1))
        stored = Counter((event["user"]["id"], event["client_id"]) for event in log)
        for chat in people:
            places = chat.room(ROOM).sent
            acked = [client_id for client_id in changes[chat] if client_id in places]
            assert len(acked) > 60
            assert {stored[chat.user["id"], client_id] for client_id in acked} == {1}


def without_mine(picture: Picture) -> Picture:
    return {seq: (body, rev) for seq, (body, rev, _mine) in picture.items()}


def log_of(node: RunningNode) -> list[dict[str, Any]]:
    headers = {"Authorization": f"Bearer {node.sign_in('Reader')['token']}"}
    found: list[dict[str, Any]] = []
    while True:
        after = found[-1]["seq"] if found else 0
        page = json.loads(node.get(f"/api/rooms/{ROOM}/events?after={after}&limit=200", headers))
        found += page["events"]
        if not page["more_after"]:
            return found
