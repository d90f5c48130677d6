"""W1: one room of 1,000, ten talk, four messages in flight each. Fan-out at its widest."""

from bench.figures import Target
from bench.stage import NODE, PEERS, Workload
from bench.workloads.closed_loop import ClosedLoop

WORKLOAD = Workload(
    name="W1",
    title="one room of 1,000, 10 talk with 4 in flight",
    measure=ClosedLoop(rooms=1, members=1_000, talkers=10, in_flight=4),
    servers=PEERS,
    headline="deliveries_per_second",
    targets=(
        Target(figure="deliveries_per_second", at_least=2_000_000),
        Target(figure="deliveries_per_second", at_least=13, to=NODE),
        Target(figure="hub_lag_p99_ms", at_most=10),
    ),
)
