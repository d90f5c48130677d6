"""F13: clients that never read, in a busy room.

The kernel takes up to 4 MB for a connection before the node notices that nobody reads. So each of
them first asks for that much history; from then on it is the node that holds back.
"""

from __future__ import annotations

import time

from chatapp.client.sign_in import sign_in
from faults.crowd import Crowd
from faults.measuring import ack_seconds, percentile
from faults.plain_socket import PlainSocket
from faults.recorder import clock
from faults.scenario import SQLITE, Limit, Outcome, Scenario, Stage
from faults.topology import Topology

DEAF = 5
PER_SECOND, TEXT = 50.0, "x" * 1000
CALM_SECONDS, DEAF_SECONDS = 12.0, 22.0
PAGES, SETTLED_SECONDS = 20, 3.0
MB = 1_000_000


def run(stage: Stage, where: str) -> Outcome:
    outcome = Outcome()
    with (
        stage.chat(where) as chat,
        Crowd(chat.addresses, people=4, rooms=1, per_second=PER_SECOND, text=TEXT) as crowd,
    ):
        crowd.run(2)
        calm_at = clock()
        crowd.run(CALM_SECONDS)
        memory, deaf_at = chat.node.resident_bytes, clock()
        deaf = _let_in(chat, crowd.rooms[0])
        peak = memory
        while clock() < deaf_at + DEAF_SECONDS:
            peak = max(peak, chat.node.resident_bytes)
            time.sleep(0.1)
        ended_at = clock()
        endings = [each.read_on() for each in deaf]
        history = crowd.settle(chat.database_url)
    outcome.check(history)
    calm = percentile(ack_seconds(history, calm_at, deaf_at), 0.99)
    loud = percentile(ack_seconds(history, deaf_at + SETTLED_SECONDS, ended_at), 0.99)
    outcome.figures |= {
        "calm_ack_p99_ms": calm * 1000,
        "ack_p99_ms": loud * 1000,
        "ack_p99_ratio": loud / calm,
        "memory_each_mb": (peak - memory) / DEAF / MB,
    }
    outcome.bites["cut_or_lagging"] = sum(ending in ("cut", "lagging") for ending in endings)
    outcome.expect(set(endings) <= {"cut", "lagging"}, f"of the deaf: {endings}")
    return outcome


def _let_in(chat: Topology, room: str) -> list[PlainSocket]:
    deaf = []
    for number in range(DEAF):
        token = sign_in(chat.node.url, f"Deaf {number}")["token"]
        one = PlainSocket(chat.node.port, token, room, receive_buffer=4096)
        one.join()
        for _ in range(PAGES):
            one.call("history", {"room": room, "limit": 200})
        deaf.append(one)
    return deaf


SCENARIO = Scenario(
    name="F13",
    title="five clients that never read, in a room at 50 msg/s × 1 KiB",
    criterion="each cut or lagging at 1 MiB or 10 s; ≤ 10 MB each; others' p99 ≤ 1.5×",
    run=run,
    places=(SQLITE,),
    limits=(Limit(figure="memory_each_mb", at_most=10), Limit(figure="ack_p99_ratio", at_most=1.5)),
)
