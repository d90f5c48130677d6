"""W8: 5,000 idle clients in 50 rooms: how much memory each costs; with the chat, 10,000 too.

Resident memory after a collection of garbage, before and with the clients. A first hundred of them
is let in before the first look, so that what a server loads once is nobody's cost.
"""

from bench.crowd import Crowd
from bench.figures import CHAT, Outcome, Target
from bench.stage import NODE, PEERS, Stage, Workload

CLIENTS = 5_000
FIRST = 100
MEMBERS = 100
MORE = 10_000


def measure(stage: Stage, kind: str) -> Outcome:
    with stage.server(kind) as server, Crowd(server.port) as crowd:
        seats = server.seats(MORE + FIRST, lambda n: f"room-{n // MEMBERS}")
        crowd.connect(seats[:FIRST])
        crowd.settle()
        before = server.memory_bytes()
        crowd.connect(seats[FIRST : FIRST + CLIENTS])
        crowd.settle()
        per_client = (server.memory_bytes() - before) / CLIENTS
        figures = {"kilobytes_per_client": per_client / 1024}
        if kind == CHAT:
            crowd.connect(seats[FIRST + CLIENTS :])
            crowd.settle()
            figures |= {"megabytes_with_10000": server.memory_bytes() / 1024**2}
        return Outcome(figures=figures)


WORKLOAD = Workload(
    name="W8",
    title="memory of an idle client, 5,000 of them",
    measure=measure,
    servers=PEERS,
    headline="kilobytes_per_client",
    targets=(
        Target(figure="kilobytes_per_client", at_most=24),
        Target(figure="kilobytes_per_client", at_most=1.2, to=NODE),
        Target(figure="megabytes_with_10000", at_most=300),
    ),
)
