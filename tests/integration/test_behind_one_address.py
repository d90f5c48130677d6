"""A class, and a conference, behind one address: they come, talk and reload together; nobody is refused."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.integration.wire import Wire
from tests.running import Nodes, RunningNode
from tests.talkers import Json, PythonTalker

pytestmark = [pytest.mark.slow, pytest.mark.alone]

AT_ONCE = 50
JOIN_SECONDS = 5.0


class LightTalker:
    """Somebody whose program does next to nothing, so that 500 of them fit beside the node."""

    def __init__(self, node: RunningNode, token: str, device: str) -> None:
        self._node, self._auth = node, {"token": token, "device": device}
        self._wire: Wire

    def connect(self) -> None:
        self._wire = Wire(self._node.port)
        self._wire.join_chat(self._auth)

    def call(self, event: str, payload: Json) -> Json:
        ack: Json = self._wire.call(event, payload)
        return ack

    def close(self) -> None:
        self._wire.socket.close()


Talker = LightTalker | PythonTalker
Make = Callable[[RunningNode, str, str], Talker]

CROWDS: dict[str, tuple[int, Make]] = {
    "a class": (30, lambda node, token, device: PythonTalker(node.url, token, device)),
    "a conference": (500, LightTalker),
}


@pytest.mark.parametrize(("size", "make"), CROWDS.values(), ids=CROWDS.keys())
def test_a_crowd_behind_one_address_comes_talks_and_reloads_at_once(
    nodes: Nodes, size: int, make: Make
) -> None:
    room = f"crowd-of-{size}"
    with nodes.running() as node, ThreadPoolExecutor(AT_ONCE) as pool:

        def come_new(number: int) -> Talker:
            return make(node, node.sign_in(f"Person {number}")["token"], f"d-{number}")

        people = list(pool.map(come_new, range(size)))

        def come_in(person: Talker) -> float:
            began_at = time.monotonic()
            person.connect()
            ack = person.call("join", {"room": room, "limit": 50})
            assert ack["ok"], ack
            return time.monotonic() - began_at

        def talk(person: Talker) -> None:
            ack = person.call("message", {"room": room, "client_id": "c-1", "content": "Good morning to all"})
            assert ack["ok"], ack

        def reload(person: Talker) -> float:
            person.close()
            return come_in(person)

        longest = max(pool.map(come_in, people))
        list(pool.map(talk, people))
        longest = max(longest, *pool.map(reload, people))
        refused = [
            line for line in node.get("/metrics").decode().splitlines() if "chat_over_limit_total{" in line
        ]
        history = people[0].call("history", {"room": room, "limit": 200})
        list(pool.map(lambda person: person.close(), people))

    assert longest < JOIN_SECONDS
    assert history["head"] == size
    assert [line for line in refused if not line.endswith(" 0.0")] == []
