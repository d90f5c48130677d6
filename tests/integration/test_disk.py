"""One address that nobody knows makes the disk fuller by all ways at once: slowly, and not for ever."""

from __future__ import annotations

import itertools
import json
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

import pytest

from chatapp.jobs.cleanup import clean_up
from chatapp.limits import BYTES_PER_IP
from chatapp.store.database.engine import DAY_MS, open_database
from tests.integration.wire import Wire
from tests.original import path_of
from tests.running import Nodes, RunningNode, until

pytestmark = pytest.mark.slow

SECONDS = 6.0
TRIES = 200  # enough for the budget to be used up, however slow the machine is
LARGEST_ID = "𝒳" * 56  # four bytes each
LONGEST = "𝒳" * 4_000
MORE_THAN_ESTIMATED = 1.25
A_MINUTE_S_BYTES = 5_000_000

Act = Callable[[], object]


@pytest.fixture
def node(nodes: Nodes) -> Iterator[RunningNode]:
    with nodes.running(CHAT_ROOM_IDLE_SECONDS="1", CHAT_PRESENCE_GRACE_SECONDS="0") as node:
        yield node


def new_id() -> str:
    return LARGEST_ID + secrets.token_hex(4)


def ways(node: RunningNode) -> list[Act]:
    """Each act is one try; being refused is part of the game."""

    def visit_a_new_room() -> None:
        with Wire(node.port) as wire:
            wire.upgrade(path_of(new_id(), userId=new_id(), username="𝒳" * 32))
            wire.receive()

    def write_long_messages() -> None:
        with Wire(node.port) as wire:
            wire.upgrade(path_of("lobby", userId=new_id(), username="𝒳" * 32))
            for _ in range(10):
                wire.send_text(json.dumps({"type": "message", "content": LONGEST}))
            wire.send_text("ping")
            while wire.receive() != (0x1, b"pong"):
                pass

    def attach() -> None:
        with Wire(node.port) as wire:
            wire.join_chat({"token": node.sign_in("Ana")["token"], "device": new_id()})
            for _ in range(5):
                wire.call("join", {"room": new_id(), "attachment": "a" * 16_000})

    def post_into_new_rooms() -> None:
        headers = {
            "Authorization": f"Bearer {node.sign_in('Ana')['token']}",
            "Content-Type": "application/json",
        }
        for _ in range(5):
            address = f"{node.url}/api/rooms/{quote(new_id())}/messages"
            body = json.dumps({"content": LONGEST}).encode()
            urlopen(Request(address, body, headers | {"Idempotency-Key": secrets.token_hex(32)})).close()

    return [visit_a_new_room, write_long_messages, attach, post_into_new_rooms]


def attack(acts: list[Act]) -> None:
    """All at once, again and again, ``TRIES`` times in all at least and for ``SECONDS`` at least."""
    ends_at = time.monotonic() + SECONDS
    tries = itertools.count()

    def again_and_again(act: Act) -> None:
        while next(tries) < TRIES or time.monotonic() < ends_at:
            try:
                act()
            except HTTPError as refused:
                refused.close()
            except (OSError, AssertionError):  # refused by the end of the connection
                pass

    threads = [threading.Thread(target=again_and_again, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def bytes_on_disk(node: RunningNode) -> int:
    with closing(sqlite3.connect(node.database)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return node.database.stat().st_size


def count(node: RunningNode, what: str) -> int:
    with closing(sqlite3.connect(node.database)) as database:
        number: int = database.execute(f"SELECT count(*) FROM {what}").fetchone()[0]
    return number


def clean_up_after(node: RunningNode, ms: int) -> None:
    database = open_database(f"sqlite:///{node.database}")
    now = int(time.time() * 1000) + ms
    clean_up(database, DAY_MS, now=lambda: now, pause=lambda seconds: None)
    database.close()


def test_an_address_fills_the_disk_slowly_by_whatever_ways_and_not_for_ever(node: RunningNode) -> None:
    before = bytes_on_disk(node)
    began_at = time.monotonic()

    attack(ways(node))

    seconds = time.monotonic() - began_at
    grown = bytes_on_disk(node) - before
    allowed = BYTES_PER_IP.burst + BYTES_PER_IP.per_second * seconds
    assert 300_000 < grown < MORE_THAN_ESTIMATED * allowed
    a_minute = BYTES_PER_IP.burst + 60 * BYTES_PER_IP.per_second
    assert a_minute * MORE_THAN_ESTIMATED < A_MINUTE_S_BYTES

    silent = (
        "room_leases WHERE last_seq = 0 AND room_id NOT IN"
        " (SELECT room_id FROM sessions WHERE attachment IS NOT NULL)"
    )
    until(lambda: count(node, silent) == 0, seconds=20)
    node.stop()
    clean_up_after(node, DAY_MS + 3_600_000)
    assert count(node, "events") == count(node, "sessions") == 0
    assert count(node, "room_leases WHERE last_seq = 0") == 0
    assert bytes_on_disk(node) - before < grown / 3

    clean_up_after(node, 31 * DAY_MS)
    clean_up_after(node, 31 * DAY_MS + 1_000_000)  # a month at once looks like a wrong clock at first
    assert bytes_on_disk(node) - before < 50_000
