"""How much is too much: refused with the time to come back, and nothing is lost."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.integration.wire import Wire, masked
from tests.running import Nodes, RunningNode, until
from tests.talkers import Json, PythonTalker, Refused

pytestmark = pytest.mark.slow

TEXT = 0x1


@pytest.fixture(scope="module")
def node(nodes: Nodes) -> Iterator[RunningNode]:
    with nodes.running() as node:
        yield node


@pytest.fixture
def room() -> str:
    return f"room-{secrets.token_hex(4)}"


@pytest.fixture
def ana(node: RunningNode) -> Iterator[PythonTalker]:
    """Somebody new, with all budgets full."""
    talker = PythonTalker(node.url, node.sign_in("Ana")["token"])
    talker.connect()
    yield talker
    talker.close()


def say(talker: PythonTalker, room: str, client_id: str) -> Json:
    return talker.call("message", {"room": room, "client_id": client_id, "content": f"say {client_id}"})


def until_refused(ask: Callable[[int], Json]) -> tuple[list[Json], float]:
    """The acks of one after the other up to the first that is refused, and the seconds that all took."""
    began_at, acks = time.monotonic(), list[Json]()
    while not acks or acks[-1]["ok"]:
        acks.append(ask(len(acks)))
        assert len(acks) < 200
    return acks, time.monotonic() - began_at


def check_rate_limited(ack: Json, at_most_ms: int) -> None:
    error = ack["error"]
    assert (error["code"], error["retryable"]) == ("rate_limited", True)
    assert 0 < error["retry_after_ms"] <= at_most_ms


def test_after_a_burst_of_messages_comes_one_a_second(ana: PythonTalker, room: str) -> None:
    ana.call("join", {"room": room})
    acks, seconds = until_refused(lambda number: say(ana, room, f"c-{number}"))

    assert 10 <= len(acks) - 1 <= 10 + seconds + 1
    check_rate_limited(acks[-1], 1_000)

    again = until(lambda: (ack := say(ana, room, f"c-{len(acks) - 1}"))["ok"] and ack, pause=0.1)
    stored = ana.call("history", {"room": room})["events"]
    acked = [ack for ack in [*acks, again] if ack["ok"]]
    assert [event["seq"] for event in stored] == [ack["seq"] for ack in acked], "refused is not stored"


def test_typing_joining_and_new_rooms_have_their_pace(ana: PythonTalker, room: str) -> None:
    for number in range(5):
        assert ana.call("join", {"room": f"{room}-{number}"})["ok"]
    check_rate_limited(ana.call("join", {"room": f"{room}-6"}), 60_000)

    joins, _ = until_refused(lambda _: ana.call("join", {"room": f"{room}-0"}))
    assert len(joins) > 1, "to come back is not one more room"
    check_rate_limited(joins[-1], 1_000)

    assert ana.call("typing", {"room": f"{room}-0", "on": True}) == {"ok": True}
    check_rate_limited(ana.call("typing", {"room": f"{room}-0", "on": True}), 3_000)


def test_over_rest_it_is_429_with_the_seconds_to_wait(node: RunningNode, room: str) -> None:
    headers = {
        "Authorization": f"Bearer {node.sign_in('Ana')['token']}",
        "Content-Type": "application/json",
    }

    def post(number: int) -> None:
        request = Request(
            f"{node.url}/api/rooms/{room}/messages",
            data=b'{"content":"x"}',
            headers=headers | {"Idempotency-Key": f"c-{number}"},
        )
        with urlopen(request, timeout=10) as response:
            assert json.load(response)["ok"]

    def post_on_and_on() -> None:
        for number in range(200):
            post(number)

    with pytest.raises(HTTPError) as refused:
        post_on_and_on()

    with refused.value as answer:
        assert answer.code == 429
        assert 1 <= int(answer.headers["Retry-After"]) <= 2
        check_rate_limited(json.load(answer), 1_000)


@pytest.mark.alone
def test_a_flood_is_refused_beyond_its_burst_and_the_others_go_on(
    node: RunningNode, ana: PythonTalker, room: str
) -> None:
    ana.call("join", {"room": room})
    flood = b"".join(masked(TEXT, f'42/chat,{number}["ping",{{"t":1}}]'.encode()) for number in range(1_000))
    with Wire(node.port) as wire:
        wire.join_chat({"token": node.sign_in("Flood")["token"]})
        began_at = time.monotonic()
        wire.socket.sendall(flood)
        assert ana.call("ping", {"t": 1})["ok"]
        assert time.monotonic() - began_at < 1, "the node is responsive"

        acks = [wire.ack(number) for number in range(1_000)]
        seconds = time.monotonic() - began_at

    done = [ack for ack in acks if ack["ok"]]
    assert all(ack["ok"] for ack in acks[:39]), "the burst is processed; CONNECT was the first of 40"
    assert len(done) <= 40 + 20 * seconds + 1
    for ack in acks:
        if not ack["ok"]:
            check_rate_limited(ack, 1_000)
    assert say(ana, room, "c-1")["ok"]


def test_the_eleventh_connection_of_a_person_is_refused_until_one_ends(node: RunningNode) -> None:
    token = node.sign_in("Ana")["token"]
    with ExitStack() as stack:
        talkers = [PythonTalker(node.url, token, f"device-{number}") for number in range(11)]
        for talker in talkers:
            stack.callback(talker.close)
        for talker in talkers[:10]:
            talker.connect()

        with pytest.raises(Refused) as refused:
            talkers[10].connect()
        data = refused.value.data
        assert (data["code"], data["retryable"]) == ("too_many_connections", True)
        assert data["retry_after_ms"] > 0

        talkers[0].close()

        def comes_in() -> bool:
            late = PythonTalker(node.url, token, "late")
            stack.callback(late.close)
            try:
                return bool(late.connect())
            except Refused:
                return False

        assert until(comes_in)


def test_a_device_that_comes_back_replaces_its_own_dead_connections_within_seconds(
    node: RunningNode,
) -> None:
    """Ten times a network went without a word: nobody answers, and they would count for half a minute."""
    token = node.sign_in("Ben")["token"]
    with ExitStack() as stack:
        for _ in range(10):
            stack.enter_context(Wire(node.port)).join_chat({"token": token})

        def comes_in() -> bool:
            back = PythonTalker(node.url, token, "back")
            stack.callback(back.close)
            try:
                return bool(back.connect())
            except Refused:
                return False

        assert not comes_in()
        assert until(comes_in, pause=0.2)


def test_the_largest_message_passes_and_one_more_is_too_long(ana: PythonTalker, room: str) -> None:
    ana.call("join", {"room": room})

    stored = ana.call("message", {"room": room, "client_id": "c-1", "content": "👋" * 4_000})
    refused = ana.call("message", {"room": room, "client_id": "c-2", "content": "👋" * 4_001})

    assert stored["ok"]
    assert (refused["error"]["code"], refused["error"]["field"]) == ("too_long", "content")
    assert ana.heard.wait("event")["body"]["content"] == "👋" * 4_000


def test_a_connection_has_at_most_fifty_rooms(nodes: Nodes) -> None:
    """Sizes and this number stay when the rates are off."""
    with nodes.running(CHAT_RATE_LIMITS="off") as node:
        talker = PythonTalker(node.url, node.sign_in("Ana")["token"])
        talker.connect()
        for number in range(50):
            assert talker.call("join", {"room": f"room-{number}"})["ok"]

        refused = talker.call("join", {"room": "one-more"})
        assert (refused["error"]["code"], refused["error"]["field"]) == ("forbidden", "room")

        assert talker.call("join", {"room": "room-0"})["ok"], "to come back is not one more"
        talker.call("leave", {"room": "room-0"})
        assert talker.call("join", {"room": "one-more"})["ok"]
        talker.close()
