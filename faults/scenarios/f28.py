"""F28: a node's memory reaches its bound, because of people who ask for pages and never read them.

What waits for them is cut before anybody else notices; those who talk go on, and newcomers get in.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from chatapp.client.sign_in import sign_in
from faults.crowd import Crowd
from faults.past import HOUR_MS, add_room
from faults.plain_socket import PlainSocket
from faults.recorder import clock
from faults.scenario import SQLITE, Limit, Outcome, Scenario, Stage
from faults.topology import Topology

MB = 1_048_576
DEAF, PAGES = 24, 14
ROOM_MB = 24  # between what the node has in peace and its bound
DEAF_SECONDS = 12.0
LONGEST = "\N{GRINNING FACE}" * 4_000
LONG_ROOM = "long"


def run(stage: Stage, where: str) -> Outcome:
    outcome = Outcome()
    bound = _memory_in_peace(stage, where) + ROOM_MB
    with stage.chat(where, {"CHAT_MEMORY_MAX_MB": str(bound)}) as chat:
        add_room(chat.database_url, LONG_ROOM, [HOUR_MS] * 60, text=LONGEST)
        with Crowd(chat.addresses, people=6, rooms=2) as crowd:
            crowd.run(1)
            deaf_at, peak = clock(), 0
            deaf = _let_in(chat)
            while clock() < deaf_at + DEAF_SECONDS:
                peak = max(peak, chat.node.resident_bytes)
                time.sleep(0.05)
            newcomer = PlainSocket(chat.node.port, sign_in(chat.node.url, "Newcomer")["token"], "room-0")
            outcome.expect(newcomer.join()["ok"], "a newcomer did not get in")
            newcomer.abandon()
            metrics = chat.node.metrics()
            for each in deaf:
                each.abandon()
            history = crowd.settle(chat.database_url)
    outcome.check(history)
    outcome.bites = {"cut_for_memory": int(metrics['chat_held_bytes_cuts_total{reason="memory"}'])}
    outcome.figures |= {
        "over_the_bound_mb": max(0.0, peak / MB - bound),
        "refused_connections": metrics["chat_connections_refused_for_memory_total"],
    }
    return outcome


def _memory_in_peace(stage: Stage, where: str) -> int:
    """In MiB, with the same people."""
    with stage.chat(where) as chat, Crowd(chat.addresses, people=6, rooms=2) as crowd:
        crowd.run(1)
        return chat.node.resident_bytes // MB


def _let_in(chat: Topology) -> list[PlainSocket]:
    with ThreadPoolExecutor(8) as hands:
        return list(hands.map(lambda number: _deaf(chat, number), range(DEAF)))


def _deaf(chat: Topology, number: int) -> PlainSocket:
    token = sign_in(chat.node.url, f"Deaf {number}")["token"]
    one = PlainSocket(chat.node.port, token, LONG_ROOM, receive_buffer=4096)
    for seq in range(PAGES):  # not the same page: nobody may share a reading
        one.call("history", {"room": LONG_ROOM, "before": 61 - seq % 7, "limit": 200})
    return one


SCENARIO = Scenario(
    name="F28",
    title="memory reaches its bound by those who never read",
    criterion="what waits for them is cut first; nobody else notices, newcomers get in",
    run=run,
    places=(SQLITE,),
    limits=(Limit(figure="over_the_bound_mb", at_most=64), Limit(figure="refused_connections", at_most=0)),
)
