"""Polling under real sockets: what is posted at once, polls that are given up, and how a session ends."""

from __future__ import annotations

import json
from contextlib import ExitStack
from select import select

import pytest

from tests.integration.transport_node import Node, node, running, started, wire
from tests.integration.wire import Wire, masked
from tests.running import until

__all__ = ["node", "running", "wire"]

POLLER = "/socket.io/?EIO=4&transport=polling"
FRIEND = "https://friend.example"


def open_session(wire: Wire) -> str:
    """Joined the namespace; the address of its polls."""
    sid = json.loads(wire.request(POLLER)[2][1:])["sid"]
    post(wire, f"{POLLER}&sid={sid}", "40/chat,{}")
    assert wire.request(f"{POLLER}&sid={sid}")[2].startswith(b'40/chat,{"sid"')
    return f"{POLLER}&sid={sid}"


def post(wire: Wire, session: str, *packets: str) -> int:
    return wire.request(session, method="POST", body="\x1e".join(packets).encode())[0]


def ask(wire: Wire, session: str) -> None:
    """Send a poll, and do not wait for its answer."""
    wire.socket.sendall(f"GET {session} HTTP/1.1\r\nHost: chat.example\r\n\r\n".encode())


def end(wire: Wire, session: str) -> None:
    assert post(wire, session, "1") == 200


@pytest.mark.parametrize("is_said", [True, False])
def test_what_waited_for_a_poll_is_held_by_nobody_when_the_session_has_ended(is_said: bool) -> None:
    with started() as node, Wire(node.port) as wire:
        session = open_session(wire)
        post(wire, session, '42/chat,1["page",300000]')
        until(lambda: node.stats()["held_together"] >= 300_000)

        if is_said:
            end(wire, session)
        else:
            node.get("/ask?timeout=0.2")

        until(lambda: node.stats()["connections"] == 0)
        assert node.stats()["held_together"] == 0


def test_as_many_packets_as_fit_the_announced_size_are_taken_and_answered_in_order(
    node: Node, wire: Wire
) -> None:
    session = open_session(wire)
    count = 100

    assert post(wire, session, *(f'42/chat,{n}["echo",{n}]' for n in range(count))) == 200

    acks: list[str] = []
    while len(acks) < count:
        packets = wire.request(session)[2].decode().split("\x1e")
        assert len(packets) <= 16
        acks += packets
    assert [ack[: ack.index("[")] for ack in acks] == [f"43/chat,{n}" for n in range(count)]
    end(wire, session)


def test_what_is_over_the_rate_of_events_is_refused_by_its_acks_and_the_session_goes_on() -> None:
    with started(budget=21) as node, Wire(node.port) as wire:
        session = open_session(wire)

        assert post(wire, session, *(f'42/chat,{n}["echo",{n}]' for n in range(40))) == 200

        acks: list[str] = []
        while len(acks) < 40:
            acks += wire.request(session)[2].decode().split("\x1e")
        assert sum('"ok":true' in ack for ack in acks) == 20
        assert sum('"rate_limited"' in ack for ack in acks) == 20


def test_a_newer_poll_takes_over_and_the_older_is_answered_at_once(node: Node, wire: Wire) -> None:
    session = open_session(wire)
    with Wire(node.port) as older, Wire(node.port) as newer:
        ask(older, session)
        node.until(lambda stats: stats["polls"] == 1)
        ask(newer, session)
        assert older.answer()[::2] == (200, b"6")

        post(wire, session, '42/chat,1["echo",1]')

        assert newer.answer()[2].startswith(b"43/chat,1[")
    end(wire, session)


def test_hundreds_of_polls_of_one_session_are_not_kept(node: Node, wire: Wire) -> None:
    session = open_session(wire)
    with ExitStack() as stack:
        kept = {each.socket: each for each in (stack.enter_context(Wire(node.port)) for _ in range(100))}
        for each in kept.values():
            ask(each, session)
        while len(kept) > 1:
            answered, _, _ = select([*kept], [], [], 10)
            assert answered, f"{len(kept)} are kept"
            assert {kept.pop(socket).answer()[2] for socket in answered} == {b"6"}

        end(wire, session)
        assert [each.answer()[2] for each in kept.values()] == [b"1"]


@pytest.mark.parametrize("attempt", range(5))
def test_an_ack_is_not_given_to_a_poll_that_was_given_up(node: Node, wire: Wire, attempt: int) -> None:
    """The client has ended it already, and its successor comes a moment later."""
    session = open_session(wire)
    with Wire(node.port) as given_up:
        ask(given_up, session)
        node.until(lambda stats: stats["polls"] == 1)
    post(wire, session, f'42/chat,{attempt}["echo"]')

    heard = b""
    while not heard.startswith(b"43/"):
        heard = wire.request(session)[2]

    assert heard.startswith(f"43/chat,{attempt}[".encode())
    end(wire, session)


def test_a_poll_that_waits_when_its_session_ends_is_told_so(node: Node, wire: Wire) -> None:
    session = open_session(wire)
    with Wire(node.port) as waiting:
        ask(waiting, session)
        node.until(lambda stats: stats["polls"] == 1)
        end(wire, session)

        assert waiting.answer()[::2] == (200, b"1")


def test_a_poll_that_waits_when_a_websocket_takes_over_is_told_so(node: Node, wire: Wire) -> None:
    session = open_session(wire)
    with Wire(node.port) as waiting, Wire(node.port) as upgraded:
        ask(waiting, session)
        node.until(lambda stats: stats["polls"] == 1)
        assert upgraded.upgrade(session.replace("polling", "websocket")) == 101
        upgraded.send_text("6")
        upgraded.send_text("2probe")
        assert upgraded.receive_text() == "3probe"
        upgraded.send_text("6")
        assert waiting.answer()[2] == b"6"
        upgraded.send_text("5")
        upgraded.send_text("6")
        upgraded.send_text("3with data")
        upgraded.emit("echo", 1, ack_id=1)

        while not upgraded.receive_text().startswith("43/chat,1["):
            pass


def test_a_poll_that_had_no_time_to_be_answered_before_the_websocket_took_over_is_told_so(
    node: Node, wire: Wire
) -> None:
    """Probe and upgrade in one turn: what was put in for the poll has left over the WebSocket."""
    session = open_session(wire)
    with Wire(node.port) as waiting, Wire(node.port) as upgraded:
        ask(waiting, session)
        node.until(lambda stats: stats["polls"] == 1)
        assert upgraded.upgrade(session.replace("polling", "websocket")) == 101
        upgraded.socket.sendall(masked(0x1, b"2probe") + masked(0x1, b"5"))

        assert waiting.answer()[::2] == (200, b"6")
        assert upgraded.receive_text() == "3probe"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", POLLER, b"", 200),
        ("OPTIONS", POLLER, b"", 200),
        ("GET", "/socket.io/?EIO=3&transport=polling", b"", 400),
        ("GET", "/socket.io/?EIO=4&transport=carrier", b"", 400),
        ("GET", f"{POLLER}&sid=nobody", b"", 400),
        ("GET", f"{POLLER}&j=1", b"", 400),
        ("GET", "/socket.io/?EIO=4&transport=websocket", b"", 426),
        ("POST", f"{POLLER}&sid=nobody", b"4" * 70_000, 413),
        ("POST", f"{POLLER}&sid=nobody", b"x", 400),
        ("PUT", POLLER, b"", 405),
        ("DELETE", POLLER, b"", 405),
    ],
)
def test_whatever_the_answer_a_listed_page_may_read_it_and_no_cache_may_keep_it(
    method: str, path: str, body: bytes, status: int
) -> None:
    with started() as node:
        with Wire(node.port) as wire:
            answered, headers, _ = wire.request(path, {"Origin": FRIEND}, method=method, body=body)
        with Wire(node.port) as wire:
            _, strange, _ = wire.request(path, {"Origin": "https://evil.example"}, method=method, body=body)

    assert answered == status
    assert headers["access-control-allow-origin"] == FRIEND
    for each in (headers, strange):
        assert (each["vary"], each["cache-control"]) == ("Origin", "no-store")
    assert "access-control-allow-origin" not in strange
    if status == 405:
        assert headers["allow"] == "GET, POST, OPTIONS"


def test_one_too_many_is_told_in_a_way_that_a_listed_page_can_read() -> None:
    with started(per_address=0) as node, Wire(node.port) as wire:
        status, headers, _ = wire.request(POLLER, {"Origin": FRIEND})

    assert (status, headers["access-control-allow-origin"]) == (429, FRIEND)
