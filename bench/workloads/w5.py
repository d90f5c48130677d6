"""W5: one room of 1,000, ten messages a second: how long one is on its way to everybody.

Every client decodes, and the latency of each delivery counts from when the message was due.
"""

from bench.crowd import Crowd
from bench.figures import Outcome, Target, latencies
from bench.ledger import Ledger
from bench.senders import Talk
from bench.stage import NODE, PEERS, Stage, Workload, outcome

MEMBERS = 1_000
PER_SECOND = 10


def measure(stage: Stage, kind: str) -> Outcome:
    with stage.server(kind) as server, Crowd(server.port) as crowd:
        crowd.connect(server.seats(MEMBERS, lambda _: "room"))
        crowd.settle()
        ledger = Ledger(crowd.connections)
        talk = Talk(crowd, crowd.connections[:1])
        talk.pace(PER_SECOND, 0.5)
        with crowd.recording():
            talk.pace(PER_SECOND, stage.seconds)
            talk.end()
        return outcome(crowd, latencies("delivery", crowd.delivery_ns), *ledger.disagreements())


WORKLOAD = Workload(
    name="W5",
    title="one room of 1,000, 10 messages a second",
    measure=measure,
    servers=PEERS,
    headline="delivery_p99_ms",
    targets=(Target(figure="delivery_p99_ms", at_most=0.7, to=NODE),),
)
