"""W6: one client alone, one message in flight: the least that a message can cost.

The chat answers after fsync. What an fsync takes on this disk is measured beside it, by appending
a page to a file in the same folder, so that what the chat itself adds can be told.
"""

import os
import time
from pathlib import Path

from bench.crowd import Crowd
from bench.figures import CHAT, Outcome, Target, latencies, percentile
from bench.ledger import Ledger
from bench.senders import Talk
from bench.stage import PEERS, Stage, Workload, outcome

FSYNCS = 200


def measure(stage: Stage, kind: str) -> Outcome:
    with stage.server(kind) as server, Crowd(server.port) as crowd:
        crowd.connect(server.seats(1, lambda _: "room"))
        crowd.settle()
        ledger = Ledger(crowd.connections)
        talk = Talk(crowd, crowd.connections)
        talk.loop(in_flight=1)
        crowd.run(0.5)
        with crowd.recording():
            crowd.run(stage.seconds)
        talk.end()
        figures = latencies("ack", crowd.ack_ns)
        if kind == CHAT:
            fsync_ms = percentile(_fsyncs(server.folder), 0.5) / 1e6
            figures |= {"fsync_p50_ms": fsync_ms, "ack_p50_over_fsync_ms": figures["ack_p50_ms"] - fsync_ms}
        return outcome(crowd, figures, *ledger.disagreements())


def _fsyncs(folder: Path) -> list[int]:
    """Nanoseconds each."""
    page, took = bytes(4096), []
    with (folder / "fsync").open("wb", buffering=0) as file:
        for _ in range(FSYNCS):
            file.write(page)
            began_at = time.perf_counter_ns()
            os.fsync(file.fileno())
            took.append(time.perf_counter_ns() - began_at)
    return took


WORKLOAD = Workload(
    name="W6",
    title="one client alone, 1 in flight",
    measure=measure,
    servers=PEERS,
    headline="ack_p50_ms",
    targets=(Target(figure="ack_p50_over_fsync_ms", at_most=0.5),),
)
