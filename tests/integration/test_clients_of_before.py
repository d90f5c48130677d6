"""Clients of before in a room where messages are edited, deleted, answered and reacted to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chatapp.client import ChatClient, FileToSend
from tests.client_of_before import ClientOfBefore
from tests.running import Nodes, RunningNode

pytestmark = pytest.mark.slow

ROOM = "lobby"


@pytest.fixture
def node(nodes: Nodes) -> Iterator[RunningNode]:
    with nodes.running(CHAT_RATE_LIMITS="off") as node:
        yield node


@pytest.fixture
def ana(node: RunningNode) -> Iterator[ChatClient]:
    with ChatClient(node.url, name="Ana") as chat:
        chat.join(ROOM)
        yield chat


@pytest.fixture
def before(node: RunningNode, ana: ChatClient) -> Iterator[ClientOfBefore]:
    client = ClientOfBefore(node.url, node.sign_in("Bo")["token"], ROOM)
    client.connect()
    yield client
    client.close()


def say(chat: ChatClient, *texts: str) -> list[int]:
    return [chat.wait_sent(ROOM, chat.send(ROOM, text)) for text in texts]


def change_all(chat: ChatClient, seqs: list[int]) -> None:
    """The first is edited, the second deleted, the third answered, the fourth reacted to, and so on."""
    room = chat.room(ROOM)
    for number, seq in enumerate(seqs):
        match number % 4:
            case 0:
                chat.wait_sent(ROOM, chat.edit(ROOM, seq, f"edited {seq}"))
            case 1:
                deletion = chat.delete(ROOM, seq)
                chat.take_turn(room.flush)
                chat.wait_sent(ROOM, deletion or "")
            case 2:
                chat.wait_sent(ROOM, chat.send(ROOM, f"answers {seq}", reply_to=seq))
            case 3:
                chat.wait_sent(ROOM, chat.react(ROOM, seq, "👍"))


def messages_of(chat: ChatClient) -> list[int]:
    return chat.take_turn(lambda: [row["seq"] for row in chat.room(ROOM).messages])


def head_of(chat: ChatClient) -> int:
    return chat.take_turn(lambda: chat.room(ROOM).log.last)


def test_live_nothing_is_missed_and_nothing_comes_twice(ana: ChatClient, before: ClientOfBefore) -> None:
    change_all(ana, say(ana, *(f"text {n}" for n in range(8))))

    before.take_up_to(head_of(ana))

    assert before.shown == messages_of(ana)
    assert (before.asked, before.has_holes) == (0, False)
    assert before.texts[1] == "text 0"  # the old text, until it is read anew


def test_of_a_message_with_files_it_shows_the_text(
    node: RunningNode, ana: ChatClient, before: ClientOfBefore
) -> None:
    files = [FileToSend(source=b"x", name="x.txt"), FileToSend(source=b"y", name="y.txt")]
    alone = ana.wait_sent(ROOM, ana.send_file(ROOM, *files))
    said = ana.wait_sent(ROOM, ana.send_file(ROOM, *files, content="look"))
    ana.wait_sent(ROOM, ana.send(ROOM, "nice", reply_to=alone))
    stays = ana.room(ROOM).messages[-2]["body"]["uploads"][0]["id"]
    ana.wait_sent(ROOM, ana.edit(ROOM, said, "see", uploads=[stays]))
    before.take_up_to(head_of(ana))

    assert before.shown == messages_of(ana)
    assert list(before.texts.values()) == ["", "look", "nice"]
    assert (before.asked, before.has_holes) == (0, False)


def test_who_was_away_is_told_the_rest_and_nothing_is_asked_twice(
    ana: ChatClient, before: ClientOfBefore
) -> None:
    seqs = say(ana, *(f"text {n}" for n in range(8)))
    before.take_up_to(head_of(ana))
    before.disconnect()
    change_all(ana, [*seqs, *say(ana, *(f"text {n}" for n in range(8, 30)))])

    before.connect()
    before.take_up_to(head_of(ana))

    assert before.shown == messages_of(ana)
    assert not before.has_holes
    assert before.log.last == head_of(ana)


def test_who_loads_the_room_anew_has_every_message_as_it_is_now(node: RunningNode, ana: ChatClient) -> None:
    seqs = say(ana, *(f"text {n}" for n in range(60)))
    change_all(ana, seqs)
    before = ClientOfBefore(node.url, node.sign_in("Cy")["token"], ROOM)
    before.connect()

    before.load_older()

    assert sorted(before.shown) == messages_of(ana)
    assert before.log.start == "beginning"
    assert not before.has_holes
    assert (before.texts[seqs[0]], before.texts[seqs[1]]) == (f"edited {seqs[0]}", "")
    before.close()


def test_a_restart_of_the_node_shows_it_nothing_twice(
    node: RunningNode, ana: ChatClient, before: ClientOfBefore
) -> None:
    seqs = say(ana, *(f"text {n}" for n in range(8)))
    before.take_up_to(head_of(ana))
    before.disconnect()
    node.kill()
    node.start()
    ana.wait_for(lambda: ana.room(ROOM).status == "joined", 30)
    change_all(ana, seqs)

    before.connect()
    before.take_up_to(head_of(ana))

    assert before.shown == messages_of(ana)
    assert not before.has_holes
