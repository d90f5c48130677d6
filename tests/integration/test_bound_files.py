"""Files of messages while the owner of their room is killed: each hangs on one message, once, or on none."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from threading import Thread

import pytest
from sqlalchemy import create_engine, select

from chatapp.client import ChatClient, FileToSend, Refused, call
from chatapp.store.models import GONE, uploads
from tests.redis_servers import RedisServer, valkey
from tests.running import Nodes, RunningNode, until
from tests.uploading import Uploader

__all__ = ["valkey"]

pytestmark = pytest.mark.slow

ROOM = "lobby"
PEOPLE = 4
MESSAGES = 12
KILLS = 3
SECONDS = 60.0  # a killed owner is missed after its lease


@pytest.fixture(params=["sqlite", "two nodes"])
def chat_nodes(request: pytest.FixtureRequest, nodes: Nodes) -> Iterator[tuple[list[RunningNode], str]]:
    """The owner first, and the address of the database."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            node = stack.enter_context(nodes.running(CHAT_RATE_LIMITS="off"))
            yield [node], f"sqlite:///{node.database}"
            return
        url = request.getfixturevalue("postgresql_url")
        server: RedisServer = request.getfixturevalue("valkey")
        settings = {
            "DATABASE_URL": url,
            "REDIS_URL": server.url,
            "SECRET_KEY": "k" * 40,
            "CHAT_RATE_LIMITS": "off",
            "CHAT_UPLOADS_SHARED": "yes",
        }
        yield [stack.enter_context(nodes.running(**settings)) for _ in range(2)], url


def test_a_file_hangs_on_one_message_over_kills_of_the_owner(
    chat_nodes: tuple[list[RunningNode], str],
) -> None:
    """People send files, and every answer that is lost is asked for again."""
    running, database_url = chat_nodes
    with ExitStack() as stack:
        people = [
            stack.enter_context(ChatClient(running[n % len(running)].url, name=f"Person {n}"))
            for n in range(PEOPLE)
        ]
        for chat in people:
            chat.join(ROOM, SECONDS)
        sent: dict[int, list[str]] = {n: [] for n in range(PEOPLE)}
        writers = [Thread(target=write, args=(chat, sent[n])) for n, chat in enumerate(people)]
        for writer in writers:
            writer.start()
        for _ in range(KILLS):
            until(lambda: people[0].status == people[-1].status == "online", SECONDS)
            running[0].kill()
            running[0].start()
        for writer in writers:
            writer.join()

        acked = [
            chat.wait_sent(ROOM, client_id, SECONDS) for n, chat in enumerate(people) for client_id in sent[n]
        ]
        told = as_told(running[-1], people[0].token or "")

    assert len(set(acked)) == PEOPLE * MESSAGES, "each message once"
    hanging = sorted((id_, seq) for seq, ids in told.items() for id_ in ids)
    assert len(hanging) == len({id_ for id_, _ in hanging}) == PEOPLE * MESSAGES, "each file once"
    assert hanging == as_stored(database_url), "told and stored alike"


def write(chat: ChatClient, sent: list[str]) -> None:
    for number in range(MESSAGES):
        file = FileToSend(source=f"file {number}".encode(), name=f"{number}.txt")
        sent.append(chat.send_file(ROOM, file, content=f"message {number}"))


def as_told(node: RunningNode, token: str) -> dict[int, list[str]]:
    """Of each message the ids of its files, as somebody who comes now reads them."""
    page = call(node.url, "GET", f"/api/rooms/{ROOM}/events?limit=200", token=token)
    said = [event for event in page["events"] if "uploads" in event["body"]]
    return {event["seq"]: [upload["id"] for upload in event["body"]["uploads"]] for event in said}


def as_stored(database_url: str) -> list[tuple[str, int]]:
    engine = create_engine(database_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        found = connection.execute(
            select(uploads.c.upload_id, uploads.c.message_seq).where(
                uploads.c.message_seq.is_not(None), uploads.c.state < GONE
            )
        ).all()
    engine.dispose()
    return sorted((row.upload_id, row.message_seq) for row in found)


def test_of_two_messages_that_want_a_file_at_once_one_gets_it(nodes: Nodes) -> None:
    """Over HTTP, by one person on two ways: whoever comes second is told that there is none."""
    with nodes.running(CHAT_RATE_LIMITS="off") as node:
        token = node.sign_in("Ana")["token"]
        uploader = Uploader(node.url, token)
        for number in range(10):
            upload = uploader.begin(1, b"x", room=ROOM).json["id"]
            with ThreadPoolExecutor(2) as ways:
                answers = [*ways.map(partial(post, node, token, upload), (f"{number}a", f"{number}b"))]
            assert sorted(answers) == ["stored", "upload_unknown"]


def post(node: RunningNode, token: str, upload: str, key: str) -> str:
    said = {"content": "", "uploads": [upload]}
    headers = {"Idempotency-Key": key}
    try:
        call(node.url, "POST", f"/api/rooms/{ROOM}/messages", body=said, token=token, headers=headers)
    except Refused as refused:
        return refused.code
    return "stored"
