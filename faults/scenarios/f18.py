"""F18: five hundred clients lose their connection at once, and come back as the protocol says."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from bench.past import add_guests
from faults.crowd import Crowd
from faults.measuring import percentile
from faults.plain_socket import PlainSocket
from faults.pulse import Pulse
from faults.recorder import clock
from faults.scenario import SQLITE, Limit, Outcome, Scenario, Stage
from faults.topology import Topology

CLIENTS = 500
HANDS = 50


def run(stage: Stage, where: str) -> Outcome:
    outcome = Outcome()
    with (
        stage.chat(where) as chat,
        Crowd(chat.addresses, people=8, rooms=1, per_second=20) as crowd,
        Pulse(chat.node.url) as pulse,
        ThreadPoolExecutor(HANDS) as hands,
    ):
        tokens = add_guests(chat.database_url, (chat.node.folder / "secret").read_text().strip(), CLIENTS)
        room = crowd.rooms[0]
        here = list(hands.map(partial(_come_in, chat, room), tokens))
        crowd.run(1)
        since = [{"stream": ack["stream"], "seq": ack["head"]} for _, ack in here]
        reads = chat.node.tally()["reads"]
        dropped_at = clock()
        for one, _ in here:
            one.abandon()
        back = list(hands.map(partial(_come_back, chat, room, dropped_at), tokens, since))
        back_at = clock()
        reads = chat.node.tally()["reads"] - reads
        history = crowd.settle(chat.database_url)
        outcome.figures |= {
            "back_max_seconds": max(at for at, _, _ in back) - dropped_at,
            "others_ack_p95_ms": percentile(pulse.between(dropped_at, back_at), 0.95) * 1000,
            "reads_of_the_log": reads,
        }
        for _, one, _ in back:
            one.abandon()
    outcome.check(history)
    outcome.bites["resumed"] = sum(recovered for _, _, recovered in back)
    outcome.expect(outcome.bites["resumed"] == CLIENTS, "not everybody resumed where they had been")
    return outcome


def _come_in(chat: Topology, room: str, token: str) -> tuple[PlainSocket, dict[str, object]]:
    one = PlainSocket(chat.node.port, token, room)
    return one, one.join()


def _come_back(
    chat: Topology, room: str, dropped_at: float, token: str, since: dict[str, object]
) -> tuple[float, PlainSocket, bool]:
    """After half a second to a second; fifty hands do it for all, so some come later than they would."""
    due_at = dropped_at + 0.5 + random.random() * 0.5
    time.sleep(max(0.0, due_at - clock()))
    one = PlainSocket(chat.node.port, token, room)
    ack = one.join(since=since)
    return clock(), one, bool(ack["ok"] and ack["recovered"])


SCENARIO = Scenario(
    name="F18",
    title="500 clients dropped at once",
    criterion="all back ≤ 30 s, reads coalesced, others' ack p95 ≤ 1 s",
    run=run,
    places=(SQLITE,),
    limits=(
        Limit(figure="back_max_seconds", at_most=30),
        Limit(figure="others_ack_p95_ms", at_most=1000),
        Limit(figure="reads_of_the_log", at_most=CLIENTS // 2),
    ),
)
