"""How much people, networks and rooms may upload: refused before the bytes, by name, with a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from tests.running import Nodes, RunningNode, until
from tests.uploading import Answered, Uploader

MIB = 1 << 20
EXPECTS = "Expect: 100-continue"


@pytest.fixture(scope="module")
def node(nodes: Nodes) -> Iterator[RunningNode]:
    """Where a file has 1 GiB at most, the quotas are forty times what they are by default."""
    with nodes.running(CHAT_TRUSTED_PROXIES="127.0.0.1") as node:
        yield node


class Sender(Uploader):
    """At an address of their own."""

    def __init__(self, node: RunningNode, address: str) -> None:
        super().__init__(node.url, node.sign_in(address)["token"])
        self.bearer["X-Forwarded-For"] = address


def begin_earlier(node: RunningNode, minutes: int) -> None:
    """Whatever has begun did so earlier than it did."""
    with closing(sqlite3.connect(node.database, timeout=10)) as database:
        ms = minutes * 60_000
        database.execute(
            "UPDATE uploads SET created_at = created_at - ?, touched_at = touched_at - ?", [ms] * 2
        )
        database.commit()


def refused(answer: Answered, status: int, code: str, scope: str) -> int:
    error = answer.json["error"]
    assert (answer.status, error["code"], error["scope"]) == (status, code, scope), answer.body
    assert int(answer.headers["retry-after"]) == -(-error["retry_after_ms"] // 1000)
    return int(error["retry_after_ms"])


def test_a_person_has_three_on_their_way(node: RunningNode) -> None:
    ana = Sender(node, "192.0.2.1")
    paths = [ana.begin(MIB).headers["location"] for _ in range(3)]

    wait_ms = refused(ana.begin(1), 429, "rate_limited", "person")
    assert 0 < wait_ms <= 180_000
    assert Sender(node, "192.0.2.2").begin(1).status == 201

    assert ana.ask("DELETE", paths[0]).status == 204
    assert ana.begin(3, b"abc").json["state"] == "ready"
    assert ana.begin(3, b"abc").status == 201, "what is whole is not on its way"
    ana.begin(1)
    refused(ana.begin(1), 429, "rate_limited", "person")
    begin_earlier(node, 4)
    assert ana.begin(1).status == 201, "nor is what has stalled"


def test_an_address_has_so_much_in_ten_minutes(node: RunningNode) -> None:
    """Over many people, and also for who gives up what they have begun."""
    for number in range(4):
        somebody = Sender(node, "192.0.2.10")
        begun = somebody.begin(25 * MIB)
        assert begun.status == 201
        if number:
            somebody.ask("DELETE", begun.headers["location"])

    wait_ms = refused(Sender(node, "192.0.2.10").begin(25 * MIB), 429, "rate_limited", "address")
    assert 0 < wait_ms <= 150_000, "as much as one file takes of the ten minutes"
    assert Sender(node, "192.0.2.11").begin(25 * MIB).status == 201


def test_a_refusal_by_a_quota_takes_nothing_of_the_addresss_rate(node: RunningNode) -> None:
    """Whoever asks again and again, as a client that waits for room does, leaves their network its files."""
    ana = Sender(node, "192.0.2.12")
    paths = [ana.begin(1).headers["location"] for _ in range(3)]
    for _ in range(6):
        refused(ana.begin(25 * MIB), 429, "rate_limited", "person")

    assert Sender(node, "192.0.2.12").begin(25 * MIB).status == 201
    for path in paths:
        ana.ask("DELETE", path)


def test_a_person_has_so_much_a_day(node: RunningNode) -> None:
    ana = Sender(node, "192.0.2.20")
    for number in range(8):
        ana.bearer["X-Forwarded-For"] = f"192.0.2.{20 + number // 3}"
        assert ana.begin(25 * MIB, room=f"room-{number}").status == 201
        begin_earlier(node, 60)

    wait_ms = refused(ana.begin(1), 429, "rate_limited", "person")
    assert 15 * 3_600_000 < wait_ms <= 16 * 3_600_000, "until the first is a day old"


def test_a_room_holds_so_much(node: RunningNode) -> None:
    with closing(sqlite3.connect(node.database, timeout=10)) as database:
        database.execute(
            "INSERT INTO uploads (upload_id, room_id, user_id, state, created_at, touched_at, size, "
            "received, parts, type, words, address) "
            "VALUES ('a', 'full', 'u', 3, 1, 1, ?, 0, '[]', '', '{}', '')",
            (1024 * MIB - 10,),
        )
        database.commit()
    ana = Sender(node, "192.0.2.30")

    assert refused(ana.begin(11, room="full"), 503, "storage_full", "room") == 600_000
    assert ana.begin(10, room="full").status == 201


def test_the_whole_holds_so_much_and_a_file_may_be_larger(nodes: Nodes) -> None:
    with nodes.running(CHAT_UPLOADS_MAX_GB="1", CHAT_UPLOAD_MAX_MB="600") as node:
        ana = Uploader(node.url, node.sign_in("Ana")["token"])
        assert ana.begin(601 * MIB).code == "upload_too_large"
        assert ana.begin(600 * MIB, room="one").status == 201
        refused(ana.begin(600 * MIB, room="two"), 503, "storage_full", "server")
        assert "Tus-Max-Size" not in ana.begin(1).headers
        metrics = node.get("/metrics").decode()
    assert 'chat_uploads_refused_total{reason="server"} 1.0' in metrics
    assert 'chat_uploads_refused_total{reason="too large"} 1.0' in metrics


def test_who_goes_on_with_the_same_file_again_and_again_has_one_place(node: RunningNode) -> None:
    """Behind a proxy too, where one person's connections are told apart by nobody else."""
    ana = Sender(node, "192.0.2.40")
    path = ana.begin(MIB).headers["location"]
    with ExitStack() as stack:
        held = [stack.enter_context(ana.raw()) for _ in range(20)]
        for connection in held:
            connection.sendall(ana.head(path, 0, f"Content-Length: {MIB}", EXPECTS))
            assert connection.recv(100).startswith(b"HTTP/1.1 100 ")

        assert "chat_http_receiving 1.0" in node.get("/metrics").decode()
        assert all(connection.recv(100).startswith(b"HTTP/1.1 409 ") for connection in held[:-1])
        held[-1].sendall(b"x" * MIB)
        assert held[-1].recv(100).startswith(b"HTTP/1.1 204 ")


def test_a_person_has_three_bodies_on_their_way(node: RunningNode) -> None:
    """Also of files that have stalled, which do not count as being sent any more."""
    ana = Sender(node, "192.0.2.50")
    paths = []
    for _ in range(4):
        paths.append(ana.begin(MIB).headers["location"])
        begin_earlier(node, 4)
    with ExitStack() as stack:
        for path in paths[:3]:
            connection = stack.enter_context(ana.raw())
            connection.sendall(ana.head(path, 0, f"Content-Length: {MIB}", EXPECTS))
            assert connection.recv(100).startswith(b"HTTP/1.1 100 ")

        refused(ana.patch(paths[3], 0, b"abc"), 429, "rate_limited", "person")
    until(lambda: node.metric("chat_http_receiving") == 0)
    assert ana.patch(paths[3], 0, b"abc").offset == 3
